#include "curlew/base/base64.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace curlew {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = decode_base64(text);
  if (!bytes) return "none";
  std::string plain;
  for (const std::byte byte : *bytes) plain += static_cast<char>(byte);
  return plain;
}

TEST(Base64, ReadsTheVectorsOfItsStandard) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decoded("/+8A"), std::string("\xff\xef\0", 3));
}

std::string encoded(std::string_view plain) { return encode_base64(std::as_bytes(std::span(plain))); }

TEST(Base64, WritesTheVectorsOfItsStandard) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded(std::string("\xff\xef\0", 3)), "/+8A");
}

TEST(Base64, ReadsBackWhateverItWrote) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string plain(size, '\0');
    for (char& c : plain) c = static_cast<char>(random());
    EXPECT_EQ(decoded(encoded(plain)), plain) << size;
  }
}

TEST(Base64, TakesATextWithoutItsPadding) {
  EXPECT_EQ(decoded("Zg"), "f");
  EXPECT_EQ(decoded("Zm8"), "fo");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Z===", "Zg=", "====", "=", "Zm9v=", "Zm9vZ", "Zm=v", "Zg==Zg==", "Zm 9v", "Zm9v\n",
                           "_-8A", "Zm9\xff", "http://a.example/"}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

TEST(Base64, RefusesBitsThatBelongToNoByte) {
  EXPECT_FALSE(decode_base64("Zh=="));
  EXPECT_FALSE(decode_base64("Zm9="));
}

}  // namespace
}  // namespace curlew
