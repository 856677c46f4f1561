#include "curlew/draw/drawing_library.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/draw/embedded_font.hpp"
#include "curlew/draw/typeface.hpp"

namespace curlew {
namespace {

TEST(DrawingLibrary, AMissingLibraryIsAnErrorThatNamesItsPackage) {
  testing::internal::CaptureStderr();
  const auto library = open_drawing_library("libcairo.so.99", "libfreetype.so.6");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("libcairo.so.99"), std::string::npos);
  ASSERT_FALSE(library);
  EXPECT_NE(library.error().message.find("libcairo99 and libfreetype6"), std::string::npos) << library.error().message;
}

TEST(DrawingLibrary, AnotherLibraryOfThatNameIsAnError) {
  testing::internal::CaptureStderr();
  const auto library = open_drawing_library("libc.so.6", "libc.so.6");
  testing::internal::GetCapturedStderr();
  EXPECT_FALSE(library);
}

TEST(Typeface, KnowsItsCharacters) {
  const auto& tools = drawing_tools();
  ASSERT_TRUE(tools) << tools.error().message;
  const Typeface& typeface = tools->typeface;
  EXPECT_NEAR(typeface.advance(U'm').value_or(0), 0.974, 0.001);
  EXPECT_NEAR(typeface.advance(U'i').value_or(0), 0.278, 0.001);
  for (const char32_t c : std::u32string_view(U"éßŁЖΩ… %")) {
    EXPECT_TRUE(typeface.advance(c)) << static_cast<unsigned>(c);
  }
  EXPECT_FALSE(typeface.advance(U'犬'));
  EXPECT_EQ(typeface.glyph(U'犬'), 0U);
  EXPECT_NE(typeface.glyph(U'm'), 0U);
}

TEST(Typeface, WhatIsNoFontIsAnError) {
  const auto& tools = drawing_tools();
  ASSERT_TRUE(tools);
  testing::internal::CaptureStderr();
  const std::vector<std::byte> noise(1000, std::byte{7});
  EXPECT_FALSE(Typeface::open(tools->library, noise));
  EXPECT_FALSE(Typeface::open(tools->library, embedded_font().first(100)));
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace curlew
