#include "curlew/decode/sniff.hpp"

#include <gmock/gmock.h>

#include <string_view>

#include "unit/decode/made_pictures.hpp"

namespace curlew {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;

Result<PictureFormat> sniff_text(std::string_view head) {
  std::string text(head);
  text.resize(std::max<std::size_t>(text.size(), 64), '\0');
  return sniff(made::bytes_of(text));
}

Error error_of(std::string_view head) {
  const auto format = sniff_text(head);
  return format ? Error{} : format.error();
}

TEST(Sniff, KnowsTheSixFormatsByTheirFirstBytes) {
  EXPECT_EQ(sniff_text("\xFF\xD8\xFF\xE0"sv), PictureFormat::kJpeg);
  EXPECT_EQ(sniff_text("\x89PNG\r\n\x1A\n"sv), PictureFormat::kPng);
  EXPECT_EQ(sniff_text("GIF89a"sv), PictureFormat::kGif);
  EXPECT_EQ(sniff_text("GIF87a"sv), PictureFormat::kGif);
  EXPECT_EQ(sniff_text("RIFF\x10\0\0\0WEBPVP8 "sv), PictureFormat::kWebp);
  EXPECT_EQ(sniff_text("BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0"sv), PictureFormat::kBmp);
  EXPECT_EQ(sniff_text("\0\0\0\x1C"
                       "ftypavif\0\0\0\0"sv),
            PictureFormat::kAvif);
}

TEST(Sniff, TellsAvifFromHeicByTheOtherBrands) {
  EXPECT_EQ(sniff_text("\0\0\0\x18"
                       "ftypmif1\0\0\0\0miafavif"sv),
            PictureFormat::kAvif);
  EXPECT_EQ(error_of("\0\0\0\x18"
                     "ftypmif1\0\0\0\0miafheic"sv)
                .code,
            ErrorCode::kUnsupportedFormat);
  EXPECT_EQ(error_of("\0\0\0\x14"
                     "ftypheic\0\0\0\0mif1avif"sv)
                .code,
            ErrorCode::kUnsupportedFormat)
      << "a brand behind the box counted";
  EXPECT_EQ(error_of("\0\0\0\x18"
                     "ftypisom\0\0\0\0mp41iso2"sv)
                .code,
            ErrorCode::kNotAnImage)
      << "a film";
}

TEST(Sniff, NamesPicturesThatAreNotRead) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"II*\0"sv, "TIFF"},
                                                                 {"MM\0*"sv, "TIFF"},
                                                                 {"\xFF\x0A"sv, "JPEG XL"},
                                                                 {"\0\0\0\x0CJXL \r\n\x87\n"sv, "JPEG XL"},
                                                                 {"\0\0\x01\0\x01\0"sv, "ICO"},
                                                                 {"8BPS\0\x01"sv, "PSD"},
                                                                 {"\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
                                                                 {"\0\0\0\x0CjP  \r\n\x87\n"sv, "JPEG 2000"},
                                                                 {"P6\n640 480\n"sv, "PNM"},
                                                                 {"\0\0\0\x18"
                                                                  "ftypheic\0\0\0\0"sv,
                                                                  "HEIC"},
                                                                 {"II\xBC\x01"sv, "JPEG XR"},
                                                                 {"qoif"sv, "QOI"}};
  for (const auto& [head, name] : cases) {
    const Error error = error_of(head);
    EXPECT_EQ(error.code, ErrorCode::kUnsupportedFormat) << name;
    EXPECT_THAT(error.message, HasSubstr(name));
  }
}

TEST(Sniff, SaysThatAWebPageIsOne) {
  for (const std::string_view page : {"<!DOCTYPE html><html>"sv, "\xEF\xBB\xBF\r\n  <HTML lang=en>"sv,
                                      "<!-- hello --><html>"sv, "<head><title>404</title>"sv}) {
    const Error error = error_of(page);
    EXPECT_EQ(error.code, ErrorCode::kNotAnImage) << page;
    EXPECT_THAT(error.message, HasSubstr("web page")) << page;
  }
}

TEST(Sniff, NeverTakesWhatCanNameOtherFiles) {
  EXPECT_THAT(error_of("<?xml version='1.0'?><svg xmlns="sv).message, HasSubstr("SVG"));
  EXPECT_THAT(error_of("%PDF-1.7"sv).message, HasSubstr("PDF"));
  EXPECT_THAT(error_of("%!PS-Adobe-3.0"sv).message, HasSubstr("PostScript"));
  for (const std::string_view head : {"<?xml version='1.0'?><svg xmlns="sv, "%PDF-1.7"sv, "%!PS-Adobe-3.0"sv}) {
    EXPECT_EQ(error_of(head).code, ErrorCode::kNotAnImage) << head;
  }
}

TEST(Sniff, TakesTextForTextEvenIfItBeginsLikeABitmap) {
  EXPECT_EQ(error_of("BMW sells cars and motorcycles"sv).code, ErrorCode::kNotAnImage);
  EXPECT_EQ(error_of("RIFF\x10\0\0\0WAVEfmt "sv).code, ErrorCode::kNotAnImage);
  EXPECT_THAT(error_of("{\"error\": 404}"sv).message, HasSubstr("JSON"));
}

TEST(Sniff, RefusesNothingAndNextToNothing) {
  EXPECT_EQ(sniff({}).error().code, ErrorCode::kNotAnImage);
  for (const std::string_view head : {"B"sv, "BM"sv, "\xFF"sv, "\x89PNG"sv, "RIFF"sv,
                                      "\0\0\0\x18"
                                      "ftyp"sv,
                                      "P"sv}) {
    const auto format = sniff(made::bytes_of(head));
    ASSERT_FALSE(format) << head;
    EXPECT_EQ(format.error().code, ErrorCode::kNotAnImage);
  }
}

}  // namespace
}  // namespace curlew
