#include "unit/decode/made_jpeg.hpp"

// jpeglib.h needs <cstdio>.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace curlew::made {
namespace {

using namespace std::string_view_literals;

using Colour = JpegOptions::Colour;
using Scans = JpegOptions::Scans;

bool is_cmyk(Colour colour) {
  return colour == Colour::kCmykPlain || colour == Colour::kCmykAdobe || colour == Colour::kYcckAdobe;
}

void set_colour(jpeg_compress_struct& jpeg, Colour colour) {
  jpeg.input_components = colour == Colour::kGrey ? 1 : is_cmyk(colour) ? 4 : 3;
  jpeg.in_color_space = colour == Colour::kGrey ? JCS_GRAYSCALE : is_cmyk(colour) ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  if (colour == Colour::kRgb) jpeg_set_colorspace(&jpeg, JCS_RGB);
  if (is_cmyk(colour)) jpeg_set_colorspace(&jpeg, colour == Colour::kYcckAdobe ? JCS_YCCK : JCS_CMYK);
  if (colour == Colour::kCmykPlain) jpeg.write_Adobe_marker = FALSE;
}

std::vector<std::uint8_t> samples_of_row(const Picture& picture, int y, Colour colour) {
  std::vector<std::uint8_t> row;
  for (int x = 0; x < picture.size.width; ++x) {
    const std::uint8_t* rgb = picture.at(x, y);
    if (colour == Colour::kGrey) {
      row.push_back(rgb[1]);
      continue;
    }
    const unsigned flip = colour == Colour::kCmykPlain ? 255U : 0U;
    for (int c = 0; c < 3; ++c) row.push_back(static_cast<std::uint8_t>(is_cmyk(colour) ? rgb[c] ^ flip : rgb[c]));
    if (is_cmyk(colour)) row.push_back(static_cast<std::uint8_t>(204U ^ flip));
  }
  return row;
}

}  // namespace

Bytes jpeg(const Picture& picture, const JpegOptions& options) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &out, &size);
  jpeg.image_width = static_cast<JDIMENSION>(picture.size.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.size.height);
  set_colour(jpeg, options.colour);
  jpeg_set_quality(&jpeg, options.quality, TRUE);
  jpeg.dct_method = JDCT_ISLOW;
  jpeg.arith_code = options.arithmetic ? TRUE : FALSE;
  jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = options.halves_chroma ? 2 : 1;
  jpeg.restart_interval = static_cast<unsigned>(options.restart_every);
  if (options.scans == Scans::kProgressive) jpeg_simple_progression(&jpeg);
  constexpr std::array<jpeg_scan_info, 3> kByChannel{jpeg_scan_info{1, {0, 0, 0, 0}, 0, 63, 0, 0},
                                                     jpeg_scan_info{1, {1, 0, 0, 0}, 0, 63, 0, 0},
                                                     jpeg_scan_info{1, {2, 0, 0, 0}, 0, 63, 0, 0}};
  if (options.scans == Scans::kOnePerChannel) {
    jpeg.scan_info = kByChannel.data();
    jpeg.num_scans = static_cast<int>(kByChannel.size());
  }
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < picture.size.height; ++y) {
    auto row = samples_of_row(picture, y, options.colour);
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&jpeg, &pointer, 1);
  }
  jpeg_finish_compress(&jpeg);
  const auto* begin = reinterpret_cast<const std::byte*>(out);
  Bytes bytes(begin, begin + size);
  jpeg_destroy_compress(&jpeg);
  std::free(out);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg's
  return bytes;
}

Bytes exif(int orientation, bool big_endian, int entries_before) {
  Bytes tiff = bytes_of(big_endian ? "MM" : "II");
  append_number(tiff, 42, 2, big_endian);
  append_number(tiff, 8, 4, big_endian);
  append_number(tiff, static_cast<unsigned>(entries_before + 1), 2, big_endian);
  for (int i = 0; i < entries_before; ++i) {
    append_number(tiff, 0x0100U + static_cast<unsigned>(i), 2, big_endian);
    append_number(tiff, 4, 2, big_endian);
    append_number(tiff, 1, 4, big_endian);
    append_number(tiff, 77, 4, big_endian);
  }
  append_number(tiff, 0x0112, 2, big_endian);
  append_number(tiff, 3, 2, big_endian);
  append_number(tiff, 1, 4, big_endian);
  append_number(tiff, static_cast<unsigned>(orientation), 2, big_endian);
  append_number(tiff, 0, 2, big_endian);
  append_number(tiff, 0, 4, big_endian);
  return tiff;
}

Bytes with_exif(const Bytes& jpeg, const Bytes& exif) {
  Bytes result(jpeg.begin(), jpeg.begin() + 2);
  append(result, bytes_of("\xFF\xE1"));
  append_number(result, 2 + 6 + exif.size(), 2, true);
  append(result, bytes_of("Exif\0\0"sv));
  append(result, exif);
  append(result, std::span(jpeg).subspan(2));
  return result;
}

Bytes jpeg_segment(unsigned marker, std::span<const std::byte> payload) {
  Bytes segment;
  append_number(segment, 0xFF00U | marker, 2, true);
  append_number(segment, 2 + payload.size(), 2, true);
  append(segment, payload);
  return segment;
}

Bytes with_segments(const Bytes& jpeg, const std::vector<Bytes>& segments) {
  Bytes result(jpeg.begin(), jpeg.begin() + 2);
  for (const Bytes& segment : segments) append(result, segment);
  append(result, std::span(jpeg).subspan(2));
  return result;
}

std::vector<Bytes> icc_segments(const Bytes& profile, std::size_t part_bytes) {
  const std::size_t count = (profile.size() + part_bytes - 1) / part_bytes;
  std::vector<Bytes> segments;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes payload = bytes_of("ICC_PROFILE\0"sv);
    append_number(payload, i + 1, 1, true);
    append_number(payload, count, 1, true);
    const std::size_t at = i * part_bytes;
    append(payload, std::span(profile).subspan(at, std::min(part_bytes, profile.size() - at)));
    segments.push_back(jpeg_segment(0xE2, payload));
  }
  return segments;
}

std::size_t find_marker(const Bytes& jpeg, unsigned marker, int n) {
  for (std::size_t i = 0; i + 1 < jpeg.size(); ++i) {
    if (jpeg[i] == std::byte{0xFF} && std::to_integer<unsigned>(jpeg[i + 1]) == marker && n-- == 0) return i;
  }
  return jpeg.size();
}

}  // namespace curlew::made
