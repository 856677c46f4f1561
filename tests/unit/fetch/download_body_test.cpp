#include "curlew/fetch/download_body.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

TEST(ContentRange, IsReadStrictly) {
  const auto range = parse_content_range("bytes 100-199/200");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 100U);
  EXPECT_EQ(range->total, 200U);
  EXPECT_FALSE(parse_content_range("bytes 100-199/*")->total);
  for (const char* wrong : {"", "bytes", "bytes */200", "100-199/200", "bytes 199-100/200", "bytes 100-199/150",
                            "bytes -1/2", "bytes 100-199/200x", "items 1-2/3", "bytes 99999999999999999999-1/2"}) {
    EXPECT_FALSE(parse_content_range(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace curlew
