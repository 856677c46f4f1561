#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "unit/decode/made_pictures.hpp"

// What the tests of all codecs expect of a picture that was read.

namespace curlew::made {

inline void expect_near(const Result<Picture>& read, const Picture& expected, double mean) {
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size, expected.size);
  EXPECT_LT(mean_difference(read->rgb, expected.rgb), mean);
}

inline void expect_equal(const Result<Picture>& read, const Picture& expected) {
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size, expected.size);
  EXPECT_EQ(read->rgb, expected.rgb);
}

inline void expect_decode_failed(const Result<Picture>& read, std::string_view why) {
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kDecodeFailed);
  EXPECT_THAT(read.error().message, ::testing::HasSubstr(std::string(why)));
}

}  // namespace curlew::made
