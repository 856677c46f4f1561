#pragma once

#include <map>
#include <memory>
#include <vector>

#include "curlew/decode/codec.hpp"
#include "curlew/decode/colour.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/decode/resize.hpp"

namespace curlew {

/// The decoder of every format that Curlew reads: first bytes, header, limits, and only then pixels, which go from the
/// codec through the resizer to their place in `rgb`, row by row. What came out is then made sRGB.
///
/// Errors: also kInternal, where there is not enough memory. Whatever goes wrong, `rgb` may hold a part of the picture.
/// Cost:   of a photograph of 0.1–0.6 MB 1–6 ms, half to nine tenths of it the entropy decoding of JPEG.
class PictureDecoder final : public Decoder {
 public:
  explicit PictureDecoder(const DecodeLimits& limits);
  ~PictureDecoder() override;

  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override;

 private:
  Result<DecodedPicture> decode(std::span<const std::byte> bytes, const InputFormat& format,
                                std::span<std::uint8_t> rgb);
  Codec& codec_for(PictureFormat format);

  DecodeLimits limits_;
  std::map<PictureFormat, std::unique_ptr<Codec>> codecs_;  ///< those that were needed so far
  RowResizer resizer_;
  std::vector<std::uint8_t> inks_;  ///< a CMYK picture at the size of the result
  ColourConverter colour_;
};

}  // namespace curlew
