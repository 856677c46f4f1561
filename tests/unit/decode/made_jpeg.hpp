#pragma once

#include "unit/decode/made_pictures.hpp"

namespace curlew::made {

struct JpegOptions {
  enum class Colour { kYcc, kRgb, kGrey, kCmykPlain, kCmykAdobe, kYcckAdobe };
  enum class Scans { kOne, kProgressive, kOnePerChannel };
  Colour colour = Colour::kYcc;
  Scans scans = Scans::kOne;
  bool halves_chroma = false;
  int restart_every = 0;  ///< MCUs
  int quality = 95;
  bool arithmetic = false;
};

/// Grey takes the green channel; CMYK writes the RGB values as light of cyan, magenta and yellow, with a black of 0.8.
Bytes jpeg(const Picture& picture, const JpegOptions& options = {});

/// The TIFF block of an EXIF that tells an orientation, behind `entries_before` other entries.
Bytes exif(int orientation, bool big_endian, int entries_before = 2);

/// `jpeg` with an APP1 behind its first marker.
Bytes with_exif(const Bytes& jpeg, const Bytes& exif);

/// A whole segment with its marker and length.
Bytes jpeg_segment(unsigned marker, std::span<const std::byte> payload);

/// `jpeg` with segments behind its first marker.
Bytes with_segments(const Bytes& jpeg, const std::vector<Bytes>& segments);

/// A profile in APP2 segments of `part_bytes` of it each, in order.
std::vector<Bytes> icc_segments(const Bytes& profile, std::size_t part_bytes = 60'000);

/// Where the n-th marker of this kind begins, from 0; the size where there is none.
std::size_t find_marker(const Bytes& jpeg, unsigned marker, int n = 0);

}  // namespace curlew::made
