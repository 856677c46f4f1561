#include "curlew/decode/sniff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace curlew {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLookAtBytes = 512;

struct Magic {
  std::string_view start;
  std::string_view name;
};

// Pictures that are not read. Text that could begin with the same letters is kept out by whole magics.
constexpr std::array kNotRead{
    Magic{"II*\0"sv, "TIFF"},
    Magic{"MM\0*"sv, "TIFF"},
    Magic{"II+\0"sv, "TIFF"},
    Magic{"MM\0+"sv, "TIFF"},
    Magic{"II\xBC\x01"sv, "JPEG XR"},
    Magic{"\xFF\x0A"sv, "JPEG XL"},
    Magic{"\0\0\0\x0CJXL \r\n\x87\n"sv, "JPEG XL"},
    Magic{"\0\0\0\x0CjP  \r\n\x87\n"sv, "JPEG 2000"},
    Magic{"\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
    Magic{"\0\0\x01\0"sv, "ICO"},
    Magic{"\0\0\x02\0"sv, "CUR"},
    Magic{"8BPS"sv, "PSD"},
    Magic{"gimp xcf"sv, "XCF"},
    Magic{"\x8AMNG\r\n\x1A\n"sv, "MNG"},
    Magic{"\x8BJNG\r\n\x1A\n"sv, "JNG"},
    Magic{"qoif"sv, "QOI"},
    Magic{"FLIF"sv, "FLIF"},
    Magic{"BPG\xFB"sv, "BPG"},
    Magic{"DDS "sv, "DDS"},
    Magic{"\x76\x2F\x31\x01"sv, "OpenEXR"},
    Magic{"#?RADIANCE"sv, "Radiance HDR"},
    Magic{"icns"sv, "ICNS"},
    Magic{"AT&TFORM"sv, "DjVu"},
    Magic{"SIMPLE  ="sv, "FITS"},
};

constexpr std::array kNotPictures{
    Magic{"%PDF-"sv, "a PDF document"},
    Magic{"%!PS"sv, "a PostScript document"},
    Magic{"PK\x03\x04"sv, "a ZIP archive"},
    Magic{"\x1F\x8B"sv, "gzip-compressed data"},
    Magic{"{"sv, "JSON text"},
    Magic{"["sv, "JSON text"},
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

bool is_pnm(std::string_view head) {
  return head.size() > 2 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' && is_space(head[2]);
}

// Two letters are little to go by: the header's size behind them has to be one that exists.
bool is_bmp(std::string_view head) {
  if (!head.starts_with("BM") || head.size() < 18) return false;
  constexpr std::string_view kHeaderSizes = "\x0C\x10\x28\x34\x38\x40\x6C\x7C"sv;
  return kHeaderSizes.find(head[14]) != std::string_view::npos && head.substr(15, 3) == "\0\0\0"sv;
}

enum class BoxFormat { kNone, kAvif, kHeic };

// ISO base media: the brands of the first box tell AVIF from HEIC; "mif1" alone is either, and the others decide.
BoxFormat box_format(std::string_view head) {
  if (head.size() < 16 || head.substr(4, 4) != "ftyp") return BoxFormat::kNone;
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(head[i])); };
  const std::size_t box = byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
  const std::size_t end = std::min(head.size(), box);
  bool heic = false;
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {
    const std::string_view brand = head.substr(at, 4);
    if (brand == "avif" || brand == "avis") return BoxFormat::kAvif;
    constexpr std::array kHeicBrands{"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv, "mif1"sv, "msf1"sv};
    heic = heic || std::ranges::find(kHeicBrands, brand) != kHeicBrands.end();
  }
  return heic ? BoxFormat::kHeic : BoxFormat::kNone;
}

std::optional<PictureFormat> known_format(std::string_view head) {
  if (head.starts_with("\xFF\xD8\xFF"sv)) return PictureFormat::kJpeg;
  if (head.starts_with("\x89PNG\r\n\x1A\n"sv)) return PictureFormat::kPng;
  if (head.starts_with("GIF87a") || head.starts_with("GIF89a")) return PictureFormat::kGif;
  if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return PictureFormat::kWebp;
  if (is_bmp(head)) return PictureFormat::kBmp;
  if (box_format(head) == BoxFormat::kAvif) return PictureFormat::kAvif;
  return std::nullopt;
}

std::string_view format_not_read(std::string_view head) {
  for (const Magic& magic : kNotRead) {
    if (head.starts_with(magic.start)) return magic.name;
  }
  if (box_format(head) == BoxFormat::kHeic) return "HEIC";
  if (is_pnm(head)) return "PNM";
  return {};
}

// `head` in lower case, without byte order mark and white space before the first letter.
std::string text_of(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF"sv)) head.remove_prefix(3);
  while (!head.empty() && is_space(head.front())) head.remove_prefix(1);
  std::string text(head);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

Error not_an_image(std::string_view head) {
  const std::string text = text_of(head);
  if (text.starts_with('<')) {
    if (text.find("<svg") != std::string::npos) {
      return make_error(ErrorCode::kNotAnImage,
                        "this is an SVG drawing, not a picture made of pixels; send it as JPEG or PNG");
    }
    const bool page = text.find("<html") != std::string::npos || text.starts_with("<!doctype html") ||
                      text.find("<head") != std::string::npos || text.find("<body") != std::string::npos ||
                      text.find("<script") != std::string::npos;
    return make_error(ErrorCode::kNotAnImage,
                      page ? "this is a web page, not a picture; use the address of the picture itself"
                           : "this is XML text, not a picture; use the address of the picture itself");
  }
  for (const Magic& magic : kNotPictures) {
    if (head.starts_with(magic.start) || text.starts_with(magic.start)) {
      return make_error(ErrorCode::kNotAnImage, fmt::format("this is {}, not a picture", magic.name));
    }
  }
  return make_error(ErrorCode::kNotAnImage,
                    "the bytes are not those of a picture; JPEG, PNG, WebP, GIF, BMP and AVIF are read");
}

}  // namespace

Result<PictureFormat> sniff(std::span<const std::byte> bytes) {
  if (bytes.empty()) return failure(ErrorCode::kNotAnImage, "there are no bytes; the picture is empty");
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kLookAtBytes));
  if (const auto format = known_format(head)) return *format;
  if (const std::string_view name = format_not_read(head); !name.empty()) {
    return failure(ErrorCode::kUnsupportedFormat,
                   fmt::format("{} pictures are not read; send it as JPEG or PNG", name));
  }
  return tl::make_unexpected(not_an_image(head));
}

}  // namespace curlew
