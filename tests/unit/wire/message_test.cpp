#include "curlew/wire/message.hpp"

#include <gtest/gtest.h>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

using namespace std::string_literals;

std::string fault_of(const Frames& frames) {
  const auto message = open_message(frames);
  return message ? "" : message.error();
}

TEST(Message, WantsThreeFramesAndAnIdOf16Bytes) {
  const std::string few = "TooFewPartsError('Need at least 3 message parts to decode into PubSubDataMessage')";
  EXPECT_EQ(fault_of({}), few);
  EXPECT_EQ(fault_of({""}), few);
  EXPECT_EQ(fault_of({"command", std::string(16, 'x')}), few);
  for (const std::size_t size : {0U, 15U, 17U, 24U}) {
    EXPECT_EQ(fault_of({"command", std::string(size, 'x'), "\x80"}), "ValueError('bytes is not a 16-char string')");
  }
  EXPECT_EQ(fault_of({"\xff", std::string(16, '\0'), "\x80", "more", ""}), "") << "any topic, any id, further frames";
}

TEST(Message, RefusesDataThatPythonTakesForFalse) {
  EXPECT_EQ(fault_of(message_of(nullptr)), R"(TypeError("'NoneType' object does not support item assignment"))");
  EXPECT_EQ(fault_of(message_of(0)), R"(TypeError("'int' object does not support item assignment"))");
  EXPECT_EQ(fault_of(message_of(0.0)), R"(TypeError("'float' object does not support item assignment"))");
  EXPECT_EQ(fault_of(message_of(false)), R"(TypeError("'bool' object does not support item assignment"))");
  EXPECT_EQ(fault_of(message_of("")), R"(TypeError("'str' object does not support item assignment"))");
  EXPECT_EQ(fault_of(message_of(Json::array())), "TypeError('list indices must be integers or slices, not str')");
  EXPECT_EQ(fault_of(message_of(Json::object())), "");
  EXPECT_EQ(fault_of(message_of(7)), "");
}

}  // namespace
}  // namespace curlew
