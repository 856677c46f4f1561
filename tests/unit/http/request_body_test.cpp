#include "curlew/http/request_body.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

const HttpLimits kLimits;

struct Outcome {
  int status = 0;  ///< 0: not done
  std::string body;
  std::size_t taken = 0;
};

Outcome read(const Framing& framing, std::string_view bytes, ByteCount max_bytes = 100) {
  BodyReader reader(framing, max_bytes, kLimits);
  const auto taken = reader.take(bytes);
  if (!taken) return {.status = taken.error().status(), .body = {}};
  return {.status = reader.done() ? 200 : 0, .body = reader.body(), .taken = *taken};
}

Outcome chunks(std::string_view bytes, ByteCount max_bytes = 100) { return read({.chunked = true}, bytes, max_bytes); }

TEST(BodyReader, TakesAsManyBytesAsDeclared) {
  const Outcome outcome = read({.length = 3}, "abcd");
  EXPECT_EQ(outcome.body, "abc");
  EXPECT_EQ(outcome.taken, 3U);
  EXPECT_EQ(read({.length = 3}, "ab").status, 0);
  EXPECT_EQ(read({.length = 0}, "ab").taken, 0U);
}

TEST(BodyReader, RefusesALengthBeforeAnyByteOfIt) {
  EXPECT_EQ(read({.length = 101}, "").status, 413);
  EXPECT_EQ(read({.length = 100}, "").status, 0);
}

TEST(BodyReader, JoinsChunks) {
  const Outcome outcome = chunks("3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n000\r\n\r\nGET");
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "abc0123456789");
  EXPECT_EQ(outcome.taken, 37U);
}

TEST(BodyReader, TakesChunksByteByByte) {
  BodyReader reader({.chunked = true}, 100, kLimits);
  for (const char c : std::string_view("2\r\nab\r\n0\r\n\r\n")) {
    EXPECT_FALSE(reader.done());
    EXPECT_EQ(reader.take({&c, 1}), 1U);
  }
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.body(), "ab");
}

TEST(BodyReader, ThrowsTrailersAway) {
  const Outcome outcome = chunks("1\r\na\r\n0\r\nHost: evil\r\nContent-Length: 5\r\n\r\nrest");
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "a");
  EXPECT_EQ(outcome.taken, 42U);
}

TEST(BodyReader, CountsAllChunksAgainstTheLimit) {
  EXPECT_EQ(chunks("5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n", 10).status, 200);
  EXPECT_EQ(chunks("5\r\nabcde\r\n6\r\n", 10).status, 413);
  EXPECT_EQ(chunks("ffffffffffffffff\r\n", 10).status, 413);
}

TEST(BodyReader, RefusesChunksThatAreBroken) {
  for (const char* broken :
       {"\r\n", "x\r\n", "-1\r\n", "1 \r\n", " 1\r\n", "1\n", "1\r\nab\r\n", "1\r\na\n", "1\r\na\r\r\n", "0\r\n\n",
        "0\r\nA\n\r\n", "10000000000000000\r\n", "1\rx", "1;a\nb\r\n", "0\r\n\rx"}) {
    EXPECT_EQ(chunks(broken).status, 400) << broken;
  }
}

TEST(BodyReader, BoundsExtensionsAndTrailers) {
  EXPECT_EQ(chunks("1;" + std::string(256, 'x') + "\r\na\r\n0\r\n\r\n").status, 200);
  EXPECT_EQ(chunks("1;" + std::string(257, 'x')).status, 400);
  EXPECT_EQ(chunks("0\r\n" + std::string(4000, 't') + "\r\n\r\n").status, 200);
  EXPECT_EQ(chunks("0\r\n" + std::string(4097, 't')).status, 400);
}

}  // namespace
}  // namespace curlew
