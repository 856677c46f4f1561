#include "curlew/base/sha256.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace curlew {
namespace {

// The first two are examples of FIPS 180-2.
TEST(Sha256, KnownAnswers) {
  const auto of = [](std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); };
  EXPECT_EQ(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, PiecesGiveTheSameAsTheWhole) {
  const std::string_view text = "a picture's bytes come in pieces";
  Sha256 sum;
  for (const char& c : text) sum.add(std::as_bytes(std::span(&c, 1)));
  EXPECT_EQ(sum.hex(), sha256_hex(std::as_bytes(std::span(text))));
}

}  // namespace
}  // namespace curlew
