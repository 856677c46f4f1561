#include "curlew/store/uuid_v7.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace curlew {
namespace {

CalendarTime at(std::int64_t ms) { return CalendarTime(std::chrono::milliseconds(ms)); }

TEST(UuidV7, IsThatOfTheStandardsExample) {
  // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z, rand_a 0xcc3, rand_b 0x18c4dc0c0c07398f.
  const UuidRandom random = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
  EXPECT_EQ(to_uuid_v7(at(0x017f22e279b0), random), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidV7, WritesVersionAndVariantOverWhateverBits) {
  UuidRandom ones;
  ones.fill(0xff);
  EXPECT_EQ(to_uuid_v7(at(0xffffffffffff), ones), "ffffffff-ffff-7fff-bfff-ffffffffffff");
  EXPECT_EQ(to_uuid_v7(at(0), UuidRandom{}), "00000000-0000-7000-8000-000000000000");
}

TEST(UuidV7, SortsByTime) {
  UuidRandom ones;
  ones.fill(0xff);
  EXPECT_LT(to_uuid_v7(at(255), ones), to_uuid_v7(at(256), UuidRandom{}));
}

TEST(UuidV7, IsNewEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = new_uuid_v7(at(1));
    EXPECT_TRUE(is_uuid_v7(id)) << id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(UuidV7, IsToldFromOtherTexts) {
  EXPECT_TRUE(is_uuid_v7("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
  for (const std::string text : {"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                                 "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
                                 "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
                                 "017f22e2-79b0-7cc3-98c4-dc0c0c07398g"}) {
    EXPECT_FALSE(is_uuid_v7(text)) << text;
  }
}

}  // namespace
}  // namespace curlew
