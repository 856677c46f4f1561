#include "fuzz/picture_target.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "curlew/decode/picture_decoder.hpp"

namespace curlew::fuzz {
namespace {

using namespace std::string_view_literals;

// Small: the fuzzer looks for wrong code, not for slow pictures.
constexpr DecodeLimits kLimits{.pixels = 250'000, .side_px = 4096};
constexpr int kWidth = 32;
constexpr int kHeight = 24;

InputFormat input_format(std::size_t which) {
  using Kind = Fit::Kind;
  using Filter = Fit::Filter;
  constexpr Kind kKinds[] = {Kind::kSquash, Kind::kCentreCrop, Kind::kLetterbox};
  return InputFormat{.width_px = kWidth,
                     .height_px = kHeight,
                     .fit = {.kind = kKinds[which % 3], .filter = which % 2 == 0 ? Filter::kArea : Filter::kBilinear}};
}

void check_picture(const DecodedPicture& picture, const File& file, PictureFormat format) {
  const PictureInfo& info = picture.info;
  check(info.format == format, "a picture is of the format that its first bytes say");
  check(info.width_px >= 1 && info.height_px >= 1, "a picture has a pixel");
  check(info.width_px <= kLimits.side_px && info.height_px <= kLimits.side_px, "no side is over its limit");
  check(static_cast<std::uint64_t>(info.width_px) * static_cast<std::uint64_t>(info.height_px) <= kLimits.pixels,
        "the pixels are within their limit");
  check(info.bytes == file.size(), "the bytes are counted");
  const Placement& at = picture.placement;
  check(at.original_width_px == info.width_px && at.original_height_px == info.height_px, "one size, told twice");
  check(std::isfinite(at.scale_x) && at.scale_x > 0 && std::isfinite(at.scale_y) && at.scale_y > 0 &&
            std::isfinite(at.offset_x_px) && std::isfinite(at.offset_y_px),
        "boxes can be put back");
}

void check_error(const Error& error) {
  check(error.code == ErrorCode::kUnsupportedFormat || error.code == ErrorCode::kTooManyPixels ||
            error.code == ErrorCode::kDecodeFailed,
        "what is wrong with a picture is one of three things");
  check(!error.message.empty() && error.message.size() < 300, "an error says something, and repeats little");
  check(!error.retryable, "a bad picture stays bad");
  check(std::ranges::all_of(error.message, [](char c) { return c >= 0x20 && c < 0x7f; }),
        "an error repeats nothing of the picture");
}

void put(File& file, std::size_t at, std::string_view bytes) {
  file.resize(std::max(file.size(), at + bytes.size()));
  std::memcpy(file.data() + at, bytes.data(), bytes.size());
}

}  // namespace

void decode_and_check(const File& file, PictureFormat format) {
  static PictureDecoder decoder(kLimits);
  static File rgb(static_cast<std::size_t>(kWidth) * kHeight * 3);
  const auto bytes = std::as_bytes(std::span(file));
  const InputFormat wanted = input_format(file.size());
  const auto picture = decoder.decode_into(bytes, wanted, rgb);
  if (picture) {
    check_picture(*picture, file, format);
  } else {
    check_error(picture.error());
  }
  if (file.size() % 4 != 0) return;
  PictureDecoder fresh(kLimits);
  File again(rgb.size());
  const auto second = fresh.decode_into(bytes, wanted, again);
  check(second.has_value() == picture.has_value(), "an earlier picture changes nothing");
  check(!picture || again == rgb, "the same bytes give the same pixels");
  check(picture || second.error().message == picture.error().message, "the same bytes give the same error");
}

File with_magic(std::span<const std::uint8_t> data, PictureFormat format) {
  File file(data.begin(), data.end());
  switch (format) {
    case PictureFormat::kJpeg:
      put(file, 0, "\xFF\xD8\xFF"sv);
      break;
    case PictureFormat::kPng:
      put(file, 0, "\x89PNG\r\n\x1A\n"sv);
      break;
    case PictureFormat::kWebp:
      put(file, 0, "RIFF"sv);
      put(file, 8, "WEBP"sv);
      break;
    case PictureFormat::kGif:
      put(file, 0, file.size() > 4 && file[4] == '7' ? "GIF87a"sv : "GIF89a"sv);
      break;
    case PictureFormat::kBmp:
      put(file, 0, "BM"sv);
      file.resize(std::max<std::size_t>(file.size(), 18));
      if ("\x0C\x10\x28\x34\x38\x40\x6C\x7C"sv.find(static_cast<char>(file[14])) == std::string_view::npos)
        file[14] = 40;
      put(file, 15, "\0\0\0"sv);
      break;
    case PictureFormat::kAvif:
      put(file, 0, "\0\0\0"sv);  // the length of the first box, whose last byte is left as it is where it may be
      put(file, 4, "ftypavif"sv);
      file.resize(std::max<std::size_t>(file.size(), 16));
      if (file[3] < 16) file[3] = 16;
      break;
  }
  return file;
}

}  // namespace curlew::fuzz
