// Messages for the tests of wire/, written and read by another library than wire's own code.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "curlew/base/calendar.hpp"
#include "curlew/core/frames.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/message_id.hpp"

namespace curlew {

using Json = nlohmann::ordered_json;

inline constexpr MessageId kId{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x46, 0x77,
                               0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
/// 2024-01-02T03:04:05.678Z, the time of the golden messages.
inline constexpr CalendarTime kTime{std::chrono::milliseconds{1'704'164'645'678}};

inline std::string packed(const Json& value) {
  std::string bytes;
  Json::to_msgpack(value, bytes);
  return bytes;
}

/// A message whose data frame is `data`.
inline Frames message_of_bytes(std::string data, std::string topic = "command") {
  return {std::move(topic), std::string(kId.begin(), kId.end()), std::move(data)};
}

inline Frames message_of(const Json& data, std::string topic = "command") {
  return message_of_bytes(packed(data), std::move(topic));
}

inline Json data_of(const Frames& frames) {
  EXPECT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames.at(1).size(), 16U);
  return Json::from_msgpack(frames.at(2));
}

inline CommandRequest read(const Json& data, const CommandRules& rules = {}) {
  return read_request(message_of(data), rules);
}

/// Why the request is refused; "" where it is not.
inline std::string reason_of(const CommandRequest& request) {
  const auto* refusal = std::get_if<Refusal>(&request.what);
  return refusal == nullptr ? "" : refusal->reason;
}

template <class T>
T call_of(const CommandRequest& request) {
  const auto* call = std::get_if<Call>(&request.what);
  if (call == nullptr || !std::holds_alternative<T>(*call)) {
    ADD_FAILURE() << "another request: " << reason_of(request);
    return {};
  }
  return std::get<T>(*call);
}

}  // namespace curlew
