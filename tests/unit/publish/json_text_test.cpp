#include "curlew/publish/json_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curlew {
namespace {

using Json = nlohmann::json;

std::string text(std::string_view value) {
  std::string out;
  append_json_text(out, value);
  return out;
}

std::string fixed(double value, int decimals) {
  std::string out;
  append_json_fixed(out, value, decimals);
  return out;
}

std::string score(float value) {
  std::string out;
  append_json_score(out, value);
  return out;
}

/// What a serialiser makes of the text; controls that JSON lets pass are escaped by nobody but us.
std::string serialised(const std::string& value) {
  std::string json = Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (int control = 0x7f; control < 0xa0; ++control) {
    std::string bytes = control == 0x7f ? "" : "\xc2";
    bytes += static_cast<char>(control);
    for (auto at = json.find(bytes); at != std::string::npos; at = json.find(bytes, at)) {
      json.replace(at, bytes.size(), fmt::format("\\u{:04x}", control));
    }
  }
  return json;
}

TEST(JsonText, WritesEachByteAndPairOfBytesAsASerialiserDoes) {
  for (int first = 0; first < 256; ++first) {
    const std::string one(1, static_cast<char>(first));
    ASSERT_EQ(text(one), serialised(one)) << first;
    for (int second = 0; second < 256; ++second) {
      const std::string two = one + static_cast<char>(second);
      ASSERT_EQ(text(two), serialised(two)) << first << " " << second;
    }
  }
}

TEST(JsonText, WritesHostileTextsAsASerialiserDoes) {
  const std::vector<std::string> hostile = {"",
                                            "\"",
                                            "\\",
                                            "a\"},{\"status\":\"ok",
                                            "\\u0000",
                                            "</script>",
                                            "\r\ndata: x\n\n",
                                            std::string("a\0b", 3),
                                            "\xc3\xa9\xf0\x9f\x90\xa6",
                                            "\xed\xa0\x80",
                                            "\xf4\x90\x80\x80",
                                            "\xc0\xaf",
                                            "a\xe2\x80",
                                            "\xe2\x80\xa8",
                                            "\xef\xbb\xbfx",
                                            "\x1b[31m\x7f\xc2\x9b\xc2\x85"};
  for (const std::string& each : hostile) EXPECT_EQ(text(each), serialised(each));
}

TEST(JsonText, WritesRandomTextsAsASerialiserDoes) {
  std::mt19937 random(23);
  const std::string_view pieces[] = {"a",    "Z",    " ", "\"", "\\", "\xc2", "\x9b", "\x7f", "\xe2\x82\xac",
                                     "\x1f", "\xff", "~"};
  for (int round = 0; round < 20'000; ++round) {
    std::string value;
    for (auto length = random() % 12; length > 0; --length) value += pieces[random() % std::size(pieces)];
    ASSERT_EQ(text(value), serialised(value));
  }
}

TEST(JsonText, WritesTenthsAndHundredthsAsASerialiserDoes) {
  std::mt19937 random(29);
  std::vector<double> values = {0.0,    0.04,  0.05,   0.95,    9.95,    9.996, 100,   1e6,  1e13, 9.99999999999994e13,
                                1e14,   1e15,  1e16,   1e21,    1e300,   -0.0,  -0.01, -5.5, -1e9, 4503599627370496.5,
                                1e-300, 0.005, 1234.5, 65535.9, 99999.99};
  for (int i = 0; i < 200'000; ++i) values.push_back(static_cast<double>(random()) / (1 << (random() % 30)));
  for (const double value : values) {
    ASSERT_EQ(fixed(value, 1), Json(std::round(value * 10) / 10).dump()) << value;
    ASSERT_EQ(fixed(value, 2), Json(std::round(value * 100) / 100).dump()) << value;
  }
}

TEST(JsonText, WritesEveryScoreOfFiveDigitsAsTheNumberThatItIs) {
  for (int digits = 1; digits < 100'000; digits += 7) {
    for (const int exponent : {5, 6, 9}) {
      const std::string decimal = fmt::format("{}e-{}", digits, exponent);
      const std::string written = score(std::strtof(decimal.c_str(), nullptr));
      ASSERT_EQ(Json::parse(written).get<double>(), std::stod(decimal));
      ASSERT_LE(written.size(), std::string_view("0.00012345").size()) << written;
    }
  }
  EXPECT_EQ(score(0), "0.0");
  EXPECT_EQ(score(1), "1.0");
  EXPECT_EQ(score(0.000012345678F), "1.2346e-05");
  EXPECT_EQ(score(0.83203125F), "0.83203");
  EXPECT_EQ(score(0.10218F), "0.10218") << "not 0.10218000000000001, as some serialisers have it";
}

TEST(JsonText, WhatIsNotFiniteIsZero) {
  for (const double value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(fixed(value, 1), "0.0");
    EXPECT_EQ(fixed(value, 2), "0.0");
    EXPECT_EQ(score(static_cast<float>(value)), "0.0");
  }
}

TEST(JsonText, GoesToTheEndOfWhatIsThere) {
  std::string out = "[";
  append_json_text(out, "a");
  append_json_fixed(out, 1.25, 2);
  append_json_score(out, 0.5F);
  append_json_text(out, "\n");
  EXPECT_EQ(out, R"(["a"1.250.5"\n")");
}

}  // namespace
}  // namespace curlew
