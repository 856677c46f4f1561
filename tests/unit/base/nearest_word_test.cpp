#include "curlew/base/nearest_word.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace curlew {
namespace {

TEST(NearestWord, CountsTheLettersThatAreChangedAddedOrLeftOut) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("urls", "urls"), 0U);
  EXPECT_EQ(edit_distance("url", "urls"), 1U);
  EXPECT_EQ(edit_distance("urls", ""), 4U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(NearestWord, IsTheOneWithTheFewestChanges) {
  const std::vector<std::string> known{"urls", "model", "top", "threshold"};
  EXPECT_EQ(nearest_word("url", known), "urls");
  EXPECT_EQ(nearest_word("treshhold", known), "threshold");
  EXPECT_EQ(nearest_word("topp", known), "top");
}

TEST(NearestWord, IsNoneWhereNothingIsNear) {
  const std::vector<std::string> known{"urls", "threshold"};
  EXPECT_EQ(nearest_word("background", known), "");
  EXPECT_EQ(nearest_word(std::string(65, 'u'), known), "");
  EXPECT_EQ(nearest_word("urls", {}), "");
}

}  // namespace
}  // namespace curlew
