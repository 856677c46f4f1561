#include "curlew/wire/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Json command(Json list, Json keywords = Json::object()) {
  return {{"command", std::move(list)}, {"command_kwargs", std::move(keywords)}};
}

Json predict(Json urls, Json keywords = Json::object()) {
  return command(Json::array({"predict", std::move(urls)}), std::move(keywords));
}

std::string reason(const Json& data) {
  const CommandRequest request = read(data);
  EXPECT_EQ(request.id, kId) << "what can be decoded has an id";
  return reason_of(request);
}

TEST(Request, HasNoIdWhereItCannotBeDecoded) {
  for (const auto& data : {packed(nullptr), packed(0), packed(false), packed(Json::array()), std::string()}) {
    const auto request = read_request(message_of_bytes(data), {});
    EXPECT_EQ(request.id, std::nullopt);
    EXPECT_NE(reason_of(request), "");
  }
}

TEST(Request, IsRefusedAsPythonDoesWhereItHasNoCommand) {
  EXPECT_EQ(reason(Json::object()), "RuntimeError('No command given')");
  EXPECT_EQ(reason({{"x", 1}}), "RuntimeError('No command given')");
  EXPECT_EQ(reason("command"), "RuntimeError('No command given')");
  EXPECT_EQ(reason({1}), "RuntimeError('No command given')");
  EXPECT_EQ(reason(7), R"(TypeError("argument of type 'int' is not iterable"))");
  EXPECT_EQ(reason(true), R"(TypeError("argument of type 'bool' is not iterable"))");
  EXPECT_EQ(reason(Json::binary({1})), R"(TypeError("a bytes-like object is required, not 'str'"))");
  EXPECT_EQ(reason({{"command", Json::array()}}), "IndexError('list index out of range')");
  EXPECT_EQ(reason({{"command", nullptr}}), R"(TypeError("'NoneType' object is not subscriptable"))");
  EXPECT_EQ(reason({{"command", 7}}), R"(TypeError("'int' object is not subscriptable"))");
  EXPECT_EQ(reason({{"command", Json::object()}}), "KeyError(0)");
  EXPECT_EQ(reason({{"command", Json::binary({1})}}), R"(TypeError("attribute name must be string, not 'int'"))");
  EXPECT_EQ(reason({{"command", {Json::binary({1})}}}), R"(TypeError("attribute name must be string, not 'bytes'"))");
}

TEST(Request, KnowsNoOtherMethods) {
  EXPECT_EQ(reason(command({"nosuch"})), "RuntimeError('no such method nosuch')");
  EXPECT_EQ(reason(command({""})), "RuntimeError('no such method ')");
  for (const char* name : {"quit", "_exitcode", "__repr__", "reload", "Predict", "predict "}) {
    EXPECT_EQ(reason(command({name})), std::string("RuntimeError('no such method ") + name + "')");
  }
  EXPECT_EQ(reason({{"command", "nosuch"}, {"command_kwargs", 7}}), "RuntimeError('no such method nosuch')");
  EXPECT_LT(reason(command({std::string(1'000'000, 'x')})).size(), 500U);
}

TEST(Request, MayBeATextAlone) {
  EXPECT_EQ(call_of<EchoCall>(read({{"command", "echo"}})).arguments, packed(Json::array()));
  call_of<ModelsCall>(read({{"command", "models"}}));
}

TEST(Request, TakesTheLastOfTwoCommands) {
  const std::string data =
      "\x82\xa7"
      "command\xa4"
      "echo\xa7"
      "command\xa6"
      "models";
  call_of<ModelsCall>(read_request(message_of_bytes(data), {}));
}

TEST(Request, WantsAMappingOfKeywords) {
  EXPECT_EQ(reason({{"command", {"echo"}}, {"command_kwargs", nullptr}}),
            "TypeError('Service.echo() argument after ** must be a mapping, not NoneType')");
  EXPECT_EQ(reason({{"command", {"echo"}}, {"command_kwargs", Json::array()}}),
            "TypeError('Service.echo() argument after ** must be a mapping, not list')");
}

TEST(Echo, KeepsWhateverItIsTold) {
  const Json told = {1,
                     -1,
                     1.5,
                     true,
                     nullptr,
                     "gr\xc3\xbc\xc3\x9f",
                     std::numeric_limits<std::uint64_t>::max(),
                     0.1,
                     {1, {2}},
                     {{"a", Json::binary({0, 255})}},
                     Json::binary({1}, 5),
                     Json::binary({0, 0, 0, 1}, static_cast<std::uint8_t>(-1))};
  Json list = {"echo"};
  list.insert(list.end(), told.begin(), told.end());
  EXPECT_EQ(Json::from_msgpack(call_of<EchoCall>(read(command(list))).arguments), told);
}

TEST(Echo, KeepsMoreValuesThanItCouldHoldOneByOne) {
  Json list = {"echo"};
  for (int i = 0; i < 70'000; ++i) list.push_back(i % 100);
  const auto call = call_of<EchoCall>(read(command(list)));
  EXPECT_EQ(Json::from_msgpack(call.arguments).size(), 70'000U);
}

TEST(Echo, RefusesKeywords) {
  EXPECT_EQ(reason(command({"echo"}, {{"x", 1}})),
            R"(TypeError("Service.echo() got an unexpected keyword argument 'x'"))");
}

TEST(Request, TakesBytesForNoName) {
  // {"command": ["models"], "command_kwargs": {b"x": 1}}, and {b"command": "models"}
  const std::string command =
                        "\xa7"
                        "command",
                    kwargs =
                        "\xae"
                        "command_kwargs",
                    models =
                        "\xa6"
                        "models";
  EXPECT_EQ(
      reason_of(read_request(message_of_bytes("\x82" + command + "\x91" + models + kwargs + "\x81\xc4\x01x\x01"), {})),
      "TypeError('Service.models() keywords must be strings')");
  EXPECT_EQ(reason_of(read_request(message_of_bytes("\x81\xc4\x07"
                                                    "command" +
                                                    models),
                                   {})),
            "RuntimeError('No command given')");
}

TEST(Predict, TakesAListOfUrls) {
  const auto call = call_of<PredictCall>(read(predict({"http://a/1", "", "no url"})));
  EXPECT_THAT(call.urls, ElementsAre("http://a/1", "", "no url"));
  EXPECT_EQ(call.task, std::nullopt);
  EXPECT_EQ(call.model, std::nullopt);
  EXPECT_EQ(call.top, std::nullopt);
  EXPECT_EQ(call.threshold, std::nullopt);
  EXPECT_FALSE(call.subscribed);
  EXPECT_THAT(call_of<PredictCall>(read(predict(Json::array()))).urls, IsEmpty());
  EXPECT_THAT(call_of<PredictCall>(read(command({"predict"}, {{"urls", {"http://a/1"}}}))).urls,
              ElementsAre("http://a/1"));
}

TEST(Predict, TakesEveryKeyword) {
  const auto call = call_of<PredictCall>(
      read(predict({"u"}, {{"model", "birds"}, {"task", "classify"}, {"threshold", 0.25}, {"top", 5}})));
  EXPECT_EQ(call.model, "birds");
  EXPECT_EQ(call.task, Task::kClassify);
  EXPECT_EQ(call.threshold, 0.25F);
  EXPECT_EQ(call.top, 5);
  const auto none = call_of<PredictCall>(
      read(predict({"u"}, {{"model", nullptr}, {"task", nullptr}, {"threshold", nullptr}, {"top", nullptr}})));
  EXPECT_EQ(none.model, std::nullopt);
  EXPECT_EQ(none.top, std::nullopt);
}

TEST(Predict, TakesIntegersThatAreWrittenAsReals) {
  EXPECT_EQ(call_of<PredictCall>(read(predict({"u"}, {{"top", 3.0}}))).top, 3);
  EXPECT_EQ(call_of<PredictCall>(read(predict({"u"}, {{"threshold", 1}}))).threshold, 1.0F);
}

TEST(Predict, SeesWhetherItsClientHasSubscribed) {
  Json data = predict({"u"});
  for (const Json& no : {Json(false), Json(nullptr), Json(1), Json("true")}) {
    data["subscribed"] = no;
    EXPECT_FALSE(call_of<PredictCall>(read(data)).subscribed) << no;
  }
  data["subscribed"] = true;
  data["other"] = {{"x", 1}};
  EXPECT_TRUE(call_of<PredictCall>(read(data)).subscribed);
}

TEST(Predict, SaysWhichArgumentsItTakes) {
  EXPECT_EQ(reason(command({"predict"})),
            R"(TypeError("Service.predict() missing 1 required positional argument: 'urls'"))");
  EXPECT_EQ(reason(command({"predict", Json::array(), 1})),
            "TypeError('Service.predict() takes 2 positional arguments but 3 were given')");
  EXPECT_EQ(reason(predict({"u"}, {{"x", 1}})),
            R"(TypeError("Service.predict() got an unexpected keyword argument 'x'"))");
  EXPECT_EQ(reason(predict({"u"}, {{"urls", {"u"}}})),
            R"(TypeError("Service.predict() got multiple values for argument 'urls'"))");
}

TEST(Predict, NamesThePlaceOfAWrongUrl) {
  EXPECT_EQ(reason(predict("http://a/1")), "TypeError('urls must be a list of texts, not str')");
  EXPECT_EQ(reason(predict(7)), "TypeError('urls must be a list of texts, not int')");
  EXPECT_EQ(reason(predict({{"u", 1}})), "TypeError('urls must be a list of texts, not dict')");
  EXPECT_EQ(reason(predict({"a", "b", "c", Json::binary({'d'})})), "TypeError('urls[3] must be a text, not bytes')");
  EXPECT_EQ(reason(predict({"a", 1})), "TypeError('urls[1] must be a text, not int')");
  EXPECT_EQ(reason(predict({nullptr})), "TypeError('urls[0] must be a text, not NoneType')");
}

TEST(Predict, TakesNoMoreUrlsThanItsRulesAllow) {
  const CommandRules rules{.max_items = 2};
  EXPECT_EQ(call_of<PredictCall>(read(predict({"a", "b"}), rules)).urls.size(), 2U);
  EXPECT_EQ(reason_of(read(predict({"a", "b", "c"}), rules)),
            "ValueError('urls has 3 entries, and at most 2 are taken')");
}

TEST(Predict, SaysWhatAKeywordMayBe) {
  const auto with = [](const char* name, Json value) { return reason(predict({"u"}, {{name, std::move(value)}})); };
  const std::string top = "ValueError('top must be an integer from 1 to 1000')";
  for (const Json& value : {Json(0), Json(-1), Json(1001), Json(1.5), Json(std::numeric_limits<double>::quiet_NaN()),
                            Json(std::numeric_limits<std::uint64_t>::max())}) {
    EXPECT_EQ(with("top", value), top) << value;
  }
  EXPECT_EQ(with("top", "3"), "TypeError('top must be an integer from 1 to 1000, not str')");
  EXPECT_EQ(with("top", true), "TypeError('top must be an integer from 1 to 1000, not bool')");
  const std::string threshold = "ValueError('threshold must be a number from 0 to 1')";
  for (const Json& value : {Json(-0.1), Json(1.1), Json(2), Json(std::numeric_limits<double>::quiet_NaN()),
                            Json(std::numeric_limits<double>::infinity())}) {
    EXPECT_EQ(with("threshold", value), threshold) << value;
  }
  EXPECT_EQ(with("threshold", "0.5"), "TypeError('threshold must be a number from 0 to 1, not str')");
  EXPECT_EQ(with("task", "guess"), R"(ValueError("task must be 'classify' or 'detect'"))");
  EXPECT_EQ(with("task", 1), R"(TypeError("task must be 'classify' or 'detect', not int"))");
  EXPECT_EQ(with("model", ""), "ValueError('model must be a text of 1 to 64 bytes')");
  EXPECT_EQ(with("model", std::string(65, 'x')), "ValueError('model must be a text of 1 to 64 bytes')");
  EXPECT_EQ(with("model", Json::binary({'x'})), "TypeError('model must be a text, not bytes')");
  EXPECT_EQ(with("model", std::string(64, 'x')), "");
}

TEST(Results, TakesItsArgumentsByPlaceAndByName) {
  auto call = call_of<ResultsCall>(read(command({"results", "b1"})));
  EXPECT_EQ(call.batch, "b1");
  EXPECT_EQ(call.after, 0U);
  EXPECT_EQ(call.limit, 100U);
  call = call_of<ResultsCall>(read(command({"results", "b1", 7}, {{"limit", 1000}})));
  EXPECT_EQ(call.after, 7U);
  EXPECT_EQ(call.limit, 1000U);
  call = call_of<ResultsCall>(read(command({"results"}, {{"after", 4294967295U}, {"batch_id", "b2"}})));
  EXPECT_EQ(call.batch, "b2");
  EXPECT_EQ(call.after, 4294967295U);
}

TEST(Results, SaysWhatItsArgumentsMayBe) {
  EXPECT_EQ(reason(command({"results"})),
            R"(TypeError("Service.results() missing 1 required positional argument: 'batch_id'"))");
  EXPECT_EQ(reason(command({"results", "b", 1, 2, 3})),
            "TypeError('Service.results() takes from 2 to 4 positional arguments but 5 were given')");
  EXPECT_EQ(reason(command({"results", 7})), "TypeError('batch_id must be a text, not int')");
  EXPECT_EQ(reason(command({"results", "b", -1})), "ValueError('after must be an integer from 0 to 4294967295')");
  EXPECT_EQ(reason(command({"results", "b", nullptr})),
            "TypeError('after must be an integer from 0 to 4294967295, not NoneType')");
  EXPECT_EQ(reason(command({"results", "b", 0, 0})), "ValueError('limit must be an integer from 1 to 1000')");
  EXPECT_EQ(reason(command({"results", "b", 0, 1001})), "ValueError('limit must be an integer from 1 to 1000')");
}

TEST(Models, TakesNoArguments) {
  EXPECT_EQ(reason(command({"models", 1})),
            "TypeError('Service.models() takes 1 positional argument but 2 were given')");
  EXPECT_EQ(reason(command({"models"}, {{"x", 1}})),
            R"(TypeError("Service.models() got an unexpected keyword argument 'x'"))");
}

TEST(Quit, IsThereOnlyWhereItIsAllowed) {
  const CommandRules rules{.allow_quit = true};
  EXPECT_EQ(reason(command({"quit"})), "RuntimeError('no such method quit')");
  EXPECT_EQ(call_of<QuitCall>(read(command({"quit"}), rules)).exit_code, 0);
  EXPECT_EQ(call_of<QuitCall>(read(command({"quit", 7}), rules)).exit_code, 7);
  EXPECT_EQ(call_of<QuitCall>(read(command({"quit"}, {{"exitcode", 255}}), rules)).exit_code, 255);
  EXPECT_EQ(reason_of(read(command({"quit", 256}), rules)), "ValueError('exitcode must be an integer from 0 to 255')");
  EXPECT_EQ(reason_of(read(command({"quit", 1, 2}), rules)),
            "TypeError('Service.quit() takes from 1 to 2 positional arguments but 3 were given')");
}

TEST(WrittenRequest, IsReadAsItWas) {
  const PredictCall predict{.urls = {"http://a/1", "b\xff"},
                            .task = Task::kDetect,
                            .model = "coco",
                            .top = 9,
                            .threshold = 0.3F,
                            .subscribed = true};
  const auto read_back = call_of<PredictCall>(read_request(write_request(predict, kId, kTime), {}));
  EXPECT_THAT(read_back.urls, ElementsAre("http://a/1", "b\xef\xbf\xbd"));
  EXPECT_EQ(read_back.task, predict.task);
  EXPECT_EQ(read_back.model, predict.model);
  EXPECT_EQ(read_back.top, predict.top);
  EXPECT_EQ(read_back.threshold, predict.threshold);
  EXPECT_TRUE(read_back.subscribed);

  const ResultsCall results{.batch = "b", .after = 3, .limit = 10};
  const auto results_back = call_of<ResultsCall>(read_request(write_request(results, kId, kTime), {}));
  EXPECT_EQ(results_back.batch, "b");
  EXPECT_EQ(results_back.after, 3U);
  EXPECT_EQ(results_back.limit, 10U);

  const QuitCall quit{.exit_code = 7};
  EXPECT_EQ(call_of<QuitCall>(read_request(write_request(quit, kId, kTime), {.allow_quit = true})).exit_code, 7);
  call_of<ModelsCall>(read_request(write_request(ModelsCall{}, kId, kTime), {}));
  EXPECT_EQ(call_of<EchoCall>(read_request(write_request(EchoCall{}, kId, kTime), {})).arguments, "\x90");
}

}  // namespace
}  // namespace curlew
