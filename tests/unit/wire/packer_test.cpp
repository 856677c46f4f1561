#include "curlew/wire/packer.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

using namespace std::string_literals;

std::string of_integer(auto value) {
  Packer out;
  out.integer(value);
  return out.take();
}

TEST(Packer, TakesTheShortestFormOfEveryInteger) {
  EXPECT_EQ(of_integer(0), "\x00"s);
  EXPECT_EQ(of_integer(127), "\x7f");
  EXPECT_EQ(of_integer(128), "\xcc\x80");
  EXPECT_EQ(of_integer(256), "\xcd\x01\x00"s);
  EXPECT_EQ(of_integer(65536), "\xce\x00\x01\x00\x00"s);
  EXPECT_EQ(of_integer(std::uint64_t{1} << 32U), "\xcf\x00\x00\x00\x01\x00\x00\x00\x00"s);
  EXPECT_EQ(of_integer(-1), "\xff");
  EXPECT_EQ(of_integer(-32), "\xe0");
  EXPECT_EQ(of_integer(-33), "\xd0\xdf");
  EXPECT_EQ(of_integer(-129), "\xd1\xff\x7f");
  EXPECT_EQ(of_integer(-32769), "\xd2\xff\xff\x7f\xff");
  EXPECT_EQ(of_integer(std::numeric_limits<std::int64_t>::min()), "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST(Packer, WritesEveryRealNumberIn64Bits) {
  Packer out;
  out.real(1.0);
  EXPECT_EQ(out.take(), "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"s);
}

TEST(Packer, WritesTextsAndListsOfAnyLength) {
  for (const std::size_t size : {0U, 31U, 32U, 255U, 256U, 65535U, 65536U}) {
    Packer text;
    text.text(std::string(size, 'x'));
    EXPECT_EQ(Json::from_msgpack(text.take()), Json(std::string(size, 'x')));
    Packer list;
    list.array(size);
    for (std::size_t i = 0; i < size; ++i) list.nil();
    EXPECT_EQ(Json::from_msgpack(list.take()).size(), size);
    MapPacker map;
    for (std::size_t i = 0; i < std::min<std::size_t>(size, 300); ++i) map[std::to_string(i)].integer(i);
    EXPECT_EQ(nlohmann::json::from_msgpack(map.take()).size(), std::min<std::size_t>(size, 300));
  }
}

TEST(Packer, NeverWritesATextThatIsNotUtf8) {
  Packer out;
  out.text("a\xff\xc3");
  EXPECT_EQ(Json::from_msgpack(out.take()), Json("a\xef\xbf\xbd\xef\xbf\xbd"));
}

}  // namespace
}  // namespace curlew
