// The golden messages of the Python library: theirs read by ours, and ours equal to theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <set>

#include "curlew/wire/message.hpp"
#include "curlew/wire/packed.hpp"
#include "curlew/wire/packer.hpp"
#include "curlew/wire/python_repr.hpp"
#include "curlew/wire/reply.hpp"
#include "curlew/wire/result_message.hpp"
#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// Hex, or `91 x 1024 + c0`.
std::string bytes_of_vector(const std::string& text) {
  const std::size_t times = text.find(" x ");
  if (times == std::string::npos) return bytes_of_hex(text);
  std::string bytes;
  for (int i = std::stoi(text.substr(times + 3)); i > 0; --i) bytes += bytes_of_hex(text.substr(0, times));
  return bytes + bytes_of_hex(text.substr(text.find(" + ") + 3));
}

Frames frames_of(const Json& message) {
  Frames frames;
  for (const auto& hex : message.at("frames")) frames.push_back(bytes_of_hex(hex.get<std::string>()));
  return frames;
}

/// A value of the pack table: {"$bin": hex}, {"$float": "nan"}, or itself.
Json value_of(const Json& value) {
  if (value.is_object() && value.contains("$bin")) {
    const std::string bytes = bytes_of_hex(value["$bin"].get<std::string>());
    return Json::binary({bytes.begin(), bytes.end()});
  }
  if (value.is_object() && value.contains("$float")) {
    return value["$float"] == "nan" ? std::numeric_limits<double>::quiet_NaN()
                                    : std::numeric_limits<double>::infinity();
  }
  return value;
}

void pack(Packer& out, const Json& value) {
  if (value.is_null()) {
    out.nil();
  } else if (value.is_boolean()) {
    out.boolean(value.get<bool>());
  } else if (value.is_number_unsigned()) {
    out.integer(value.get<std::uint64_t>());
  } else if (value.is_number_integer()) {
    out.integer(value.get<std::int64_t>());
  } else if (value.is_number()) {
    out.real(value.get<double>());
  } else if (value.is_string()) {
    out.text(value.get<std::string>());
  } else if (value.is_array()) {
    out.array(value.size());
    for (const Json& entry : value) pack(out, entry);
  } else {
    out.map(value.size());
    for (const auto& [key, member] : value.items()) {
      out.text(key);
      pack(out, member);
    }
  }
}

class Vectors : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("CURLEW_TEST_WIRE");
    if (folder == nullptr) GTEST_SKIP() << "CURLEW_TEST_WIRE names no folder with vectors.json";
    std::ifstream file(std::string(folder) + "/vectors.json");
    ASSERT_TRUE(file) << folder;
    vectors_ = Json::parse(file);
  }

  Json vectors_;
};

TEST_F(Vectors, EveryDataFrameHasTheSameVerdict) {
  // These say why in words of their own.
  const std::set<std::string> own_words{"str not utf-8", "trailing", "json"};
  int seen = 0;
  for (const auto& [name, vector] : vectors_.at("decode_data_frame").items()) {
    SCOPED_TRACE(name);
    const Frames frames = message_of_bytes(bytes_of_vector(vector.at("data_hex").get<std::string>()));
    const auto message = open_message(frames);
    const auto request = read_request(frames, {});
    EXPECT_EQ(message.has_value(), request.id.has_value());
    EXPECT_EQ(message.has_value(), vector.at("accepted").get<bool>());
    if (!message && vector.contains("error") && !own_words.contains(name)) {
      EXPECT_EQ(message.error(), vector["error"].get<std::string>());
    }
    ++seen;
  }
  EXPECT_EQ(seen, 32);
}

TEST_F(Vectors, EveryAcceptedDataFrameComesBackAsItIs) {
  for (const auto& [name, vector] : vectors_.at("decode_data_frame").items()) {
    SCOPED_TRACE(name);
    const std::string value = bytes_of_vector(vector.at("data_hex").get<std::string>());
    if (packed_fault(value) || value.starts_with(std::string(1023, '\x91'))) continue;  // no room for two lists around
    Packer data;
    data.map(1);
    data.text("command");
    data.array(2);
    data.text("echo");
    data.raw(value);
    const auto call = call_of<EchoCall>(read_request(message_of_bytes(data.take()), {}));
    const Frames frames = write_reply(kId, EchoAnswer{call.arguments}, kTime);
    if (name == "bin key") {  // which the tests' reader does not take
      EXPECT_NE(frames.at(2).find(value), std::string::npos);
    } else {
      EXPECT_EQ(data_of(frames).at("response").at(0), Json::from_msgpack(value));
    }
  }
}

TEST_F(Vectors, EveryValueIsPackedToTheByteAndEchoed) {
  int seen = 0;
  for (const Json& vector : vectors_.at("pack")) {
    SCOPED_TRACE(vector.dump());
    const std::string theirs = bytes_of_hex(vector.at("hex").get<std::string>());
    const Json value = value_of(vector.at("value"));
    if (!value.is_binary()) {  // which no message of ours holds
      Packer ours;
      pack(ours, value);
      EXPECT_EQ(ours.take(), theirs);
    }
    EXPECT_FALSE(packed_fault(theirs));
    const Frames request = message_of_bytes(packed({{"command", {"echo", value}}}));
    const auto call = call_of<EchoCall>(read_request(request, {}));
    const Json reply = data_of(write_reply(kId, EchoAnswer{call.arguments}, kTime));
    if (value.is_number_float() && std::isnan(value.get<double>())) {
      EXPECT_TRUE(std::isnan(reply.at("response").at(0).get<double>()));
    } else {
      EXPECT_EQ(reply.at("response").at(0), value);
    }
    ++seen;
  }
  EXPECT_EQ(seen, 42);
}

TEST_F(Vectors, EveryIdIsNamedAsTheyDo) {
  for (const Json& vector : vectors_.at("cmd_msgid")) {
    const std::string bytes = bytes_of_hex(vector.at("bytes").get<std::string>());
    MessageId id{};
    std::copy(bytes.begin(), bytes.end(), id.begin());
    EXPECT_EQ(to_base64(id), vector.at("cmd_msgid").get<std::string>());
  }
}

TEST_F(Vectors, EveryMessageIsRead) {
  for (const auto& [name, vector] : vectors_.at("messages").items()) {
    SCOPED_TRACE(name);
    const Frames frames = frames_of(vector);
    const auto message = open_message(frames);
    ASSERT_TRUE(message) << message.error();
    EXPECT_EQ(topic_of(frames), vector.at("topic").get<std::string>());
    EXPECT_EQ(to_base64(message->id), vector.at("messageid_b64").get<std::string>());
    EXPECT_EQ(read_result(frames).has_value(), name.starts_with("result"));
  }
}

TEST_F(Vectors, EveryResultIsWrittenWithWhatTheirsHold) {
  for (const char* name : {"result", "result, nothing found", "result, error"}) {
    SCOPED_TRACE(name);
    const Json& vector = vectors_.at("messages").at(name);
    const auto message = read_result(frames_of(vector));
    ASSERT_TRUE(message);
    const Frames ours = write_result(message->result, 1, 1);
    EXPECT_EQ(ours.at(0), "results");
    const Json data = data_of(ours);
    EXPECT_FALSE(data.contains("systemtime"));
    for (const auto& [key, value] : vector.at("data").items()) EXPECT_EQ(data.at(key), value) << key;
    // The pairs that they know come first, byte for byte.
    const std::string theirs = frames_of(vector).at(2).substr(1);
    EXPECT_NE(ours.at(2).find(theirs), std::string::npos);
  }
}

TEST_F(Vectors, HeartbeatAndBareMessageAreTheirsToTheByte) {
  rusage usage{};
  usage.ru_utime = {1, 250'000};
  usage.ru_stime = {0, 100'000};
  usage.ru_maxrss = 123456;
  usage.ru_minflt = 70000;
  usage.ru_majflt = 3;
  usage.ru_inblock = 128;
  usage.ru_oublock = 24;
  usage.ru_nvcsw = 200;
  usage.ru_nivcsw = 5;
  const Frames heartbeat = write_heartbeat(usage, kTime);
  const Frames theirs = frames_of(vectors_.at("messages").at("heartbeat"));
  EXPECT_EQ(heartbeat.at(0), theirs.at(0));
  EXPECT_EQ(heartbeat.at(2), theirs.at(2));
  EXPECT_EQ(write_welcome("t", kTime).at(2),
            frames_of(vectors_.at("messages").at("bare (data only systemtime)")).at(2));
}

/// What a service would answer to the vector called `name`.
CommandAnswer answer_to(const std::string& name, const CommandRequest& request) {
  if (name == "exception in command") return Refusal{python_exception("ValueError", "boom")};
  if (const auto* refusal = std::get_if<Refusal>(&request.what)) return *refusal;
  const Call& call = std::get<Call>(request.what);
  if (const auto* echo = std::get_if<EchoCall>(&call)) return EchoAnswer{echo->arguments};
  if (const auto* predict = std::get_if<PredictCall>(&call)) return PredictAnswer{predict->urls.size(), ""};
  return NoAnswer{};
}

TEST_F(Vectors, EveryRequestIsAnsweredAsTheyDo) {
  int seen = 0;
  for (const auto& [name, vector] : vectors_.at("exchanges").items()) {
    SCOPED_TRACE(name);
    const auto request = read_request(frames_of(vector.at("request")), {.allow_quit = true});
    const Frames theirs = frames_of(vector.at("reply"));
    const Frames ours = write_reply(request.id, answer_to(name, request), kTime);
    ASSERT_EQ(ours.size(), 3U);
    EXPECT_EQ(ours.at(0), theirs.at(0));
    if (name == "data with a trailing byte") {
      EXPECT_THAT(data_of(ours).at("reason").get<std::string>(), testing::StartsWith("ExtraData("));
    } else {
      EXPECT_EQ(ours.at(2), theirs.at(2));
    }
    ++seen;
  }
  EXPECT_EQ(seen, 17);
}

TEST_F(Vectors, EveryRequestOfTheLibraryIsWrittenAsTheyDo) {
  int same = 0;
  for (const auto& [name, vector] : vectors_.at("exchanges").items()) {
    SCOPED_TRACE(name);
    const Frames theirs = frames_of(vector.at("request"));
    const auto request = read_request(theirs, {.allow_quit = true});
    const auto* call = std::get_if<Call>(&request.what);
    if (call == nullptr) continue;
    const Frames ours = write_request(*call, *request.id, kTime);
    EXPECT_EQ(ours.at(1), theirs.at(1));
    const auto again = read_request(ours, {.allow_quit = true});
    EXPECT_EQ(write_request(std::get<Call>(again.what), *again.id, kTime), ours);
    if (theirs.at(2).find("systemtime") == std::string::npos || name == "predict by keyword") continue;  // by hand
    EXPECT_EQ(ours, theirs);
    ++same;
  }
  EXPECT_EQ(same, 5);
}

TEST_F(Vectors, EveryReplyToAPredictIsRead) {
  for (const char* name : {"predict two urls", "predict by keyword", "predict []"}) {
    SCOPED_TRACE(name);
    const Json& vector = vectors_.at("exchanges").at(name);
    const auto request = open_message(frames_of(vector.at("request")));
    const auto reply = read_predict_reply(frames_of(vector.at("reply")), request->id);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->images, vector["reply"]["data"]["response"]["num_images"].get<std::size_t>());
    EXPECT_EQ(reply->batch, "");
  }
}

}  // namespace
}  // namespace curlew
