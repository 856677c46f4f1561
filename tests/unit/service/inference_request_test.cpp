#include "curlew/service/inference_request.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "curlew/service/inference_head.hpp"

namespace curlew {
namespace {

using Json = nlohmann::json;

constexpr const char* kOne = R"({"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["Zm9v"]}]})";

Json one() { return Json::parse(kOne); }

/// `kOne` with something else under a pointer.
std::string changed(const std::string& pointer, const Json& value) {
  Json json = one();
  json[Json::json_pointer(pointer)] = value;
  return json.dump();
}

Result<InferenceRequest, HttpProblem> read(const std::string& body, Task task = Task::kClassify) {
  return read_inference_request(body, std::nullopt, {.task = task, .max_pictures = 4});
}

/// The status of an answer: 200 where the request can be done.
int status_of(const Result<InferenceRequest, HttpProblem>& read) {
  if (read) return 200;
  EXPECT_FALSE(read.error().detail.empty()) << "an error says something";
  return read.error().status();
}
int status_of(const std::string& body, Task task = Task::kClassify) { return status_of(read(body, task)); }

std::string content(const InferencePicture& picture) {
  std::string text;
  for (const std::byte byte : picture.bytes) text += static_cast<char>(byte);
  return text;
}

std::string element(const std::string& bytes) {
  std::string text;
  for (unsigned shift = 0; shift < 32; shift += 8) text += static_cast<char>((bytes.size() >> shift) & 0xFFU);
  return text + bytes;
}

/// The JSON of a request whose tensor follows it.
std::string binary_head(std::size_t count, std::size_t bytes) {
  Json json = one();
  Json& input = json["inputs"][0];
  input.erase("data");
  input["shape"] = {count};
  input["parameters"] = {{"binary_data_size", bytes}};
  return json.dump();
}

Result<InferenceRequest, HttpProblem> read_binary(const std::string& head, const std::string& tensor) {
  return read_inference_request(head + tensor, head.size(), {.max_pictures = 4});
}

TEST(InferenceRequest, PicturesInJsonAreBase64OrUrls) {
  const auto request =
      read(R"({"id": "a", "parameters": {"top": 5.0, "threshold": 0.25, "mine": {"x": [1]}}, "inputs": [
      {"name": "image", "shape": [2], "datatype": "BYTES", "data": ["Zm9v", "https://a.example/b.jpg"]}]})");
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->id, "a");
  EXPECT_EQ(request->top, 5);
  EXPECT_EQ(request->threshold, 0.25F);
  ASSERT_EQ(request->pictures.size(), 2U);
  EXPECT_EQ(content(request->pictures[0]), "foo");
  EXPECT_EQ(request->pictures[1].url, "https://a.example/b.jpg");
  EXPECT_FALSE(request->names_outputs);
  EXPECT_TRUE(request->wishes_for(InferenceTensor::kScores));
  EXPECT_FALSE(request->wishes_for(InferenceTensor::kBoxes)) << "a model that classifies has none";
  EXPECT_FALSE(request->wishes_for(InferenceTensor::kErrors));
}

TEST(InferenceRequest, TheListOfPicturesMayHaveTheFormOfItsShape) {
  Json json = one();
  Json& input = json["inputs"][0];
  input["shape"] = {2, 1};
  input["data"] = {"Zm9v", "Zg=="};
  EXPECT_EQ(status_of(json.dump()), 200) << "flat";
  input["data"] = Json::parse(R"([["Zm9v"], ["Zg=="]])");
  EXPECT_EQ(status_of(json.dump()), 200) << "as the shape";
  for (const char* data : {R"([["Zm9v", "Zg=="]])", R"([["Zm9v"], "Zg=="])", R"(["Zm9v", ["Zg=="]])",
                           R"([["Zm9v"], []])", R"([[["Zm9v"]], ["Zg=="]])", R"([{"a": "Zm9v"}, "Zg=="])"}) {
    input["data"] = Json::parse(data);
    EXPECT_EQ(status_of(json.dump()), 422) << data;
  }
  input["shape"] = {1};
  input["data"] = Json::parse(R"([["Zm9v"]])");
  EXPECT_EQ(status_of(json.dump()), 422) << "deeper than the shape";
}

TEST(InferenceRequest, NullIsLeftOut) {
  EXPECT_EQ(status_of(R"({"id": null, "parameters": null, "outputs": null, "inputs": [
      {"name": "image", "shape": [1], "datatype": "BYTES", "parameters": {"content_type": "base64"}, "data": ["Zg=="]}]})"),
            200);
}

TEST(InferenceRequest, RefusesWhatTheModelHasNot) {
  const std::pair<const char*, Json> wrongs[] = {
      {"/inputs/0/name", "picture"},
      {"/inputs/0/name", nullptr},
      {"/inputs/0/name", 1},
      {"/inputs/0/datatype", "UINT8"},
      {"/inputs/0/datatype", std::string(100, 'B')},
      {"/inputs/0/shape", 1},
      {"/inputs/0/shape", nullptr},
      {"/inputs/0/shape", Json::array()},
      {"/inputs/0/shape", {0}},
      {"/inputs/0/shape", {-1}},
      {"/inputs/0/shape", {1.5}},
      {"/inputs/0/shape", {"1"}},
      {"/inputs/0/shape", {1e300}},
      {"/inputs/0/shape", {18446744073709551615U}},
      {"/inputs/0/shape", {2}},
      {"/inputs/0/shape", {1, 2}},
      {"/inputs/0/shape", {1, 1, 1}},
      {"/inputs/0/shape", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
      {"/inputs/0/shape", Json::parse("[[1]]")},
      {"/inputs/0/data", nullptr},
      {"/inputs/0/data", "Zg=="},
      {"/inputs/0/data", Json::array()},
      {"/inputs/0/data", {1}},
      {"/inputs/0/data", {nullptr}},
      {"/inputs/0/data", {"Zg==", "Zg=="}},
      {"/inputs/0/data", {"no base64"}},
      {"/inputs/0/data", {"ftp://a.example/b.jpg"}},
      {"/inputs/0/parameters", {1}},
      {"/inputs/0/parameters", {{"binary_data_size", 0}}},  // and data
      {"/inputs/0/parameters", {{"binary_data_size", -1}}},
      {"/inputs/0/parameters", {{"shared_memory_region", "r"}}},
      {"/inputs", nullptr},
      {"/inputs", Json::array()},
      {"/inputs", {one()["inputs"][0], one()["inputs"][0]}},
      {"/inputs", one()["inputs"][0]},
      {"/inputs/0", 3},
      {"/id", 7},
      {"/id", std::string(257, 'i')},
      {"/parameters", 7},
      {"/parameters", {{"top", 0}}},
      {"/parameters", {{"top", 1001}}},
      {"/parameters", {{"top", "3"}}},
      {"/parameters", {{"top", {3}}}},
      {"/parameters", {{"threshold", 1.1}}},
      {"/parameters", {{"binary_data_output", 1}}},
      {"/outputs", {"labels"}},
      {"/outputs", {{{"name", "boxes"}}}},
      {"/outputs", {{{"name", "logits"}}}},
      {"/outputs", Json::parse("[{}]")},
      {"/outputs", {{{"name", "labels"}, {"parameters", {{"classification", 3}}}}}},
      {"/outputs", {{{"name", "labels"}, {"parameters", {{"binary_data", "yes"}}}}}},
      {"/outputs", {{{"name", "labels"}, {"parameters", {{"shared_memory_region", "r"}}}}}},
      {"/outputs", Json(17, {{"name", "labels"}})},
  };
  for (const auto& [pointer, value] : wrongs) {
    EXPECT_EQ(status_of(changed(pointer, value)), 422) << pointer << ' ' << value;
  }
  EXPECT_EQ(status_of("{}"), 422);
  EXPECT_EQ(status_of("[]"), 422);
  EXPECT_EQ(status_of("3"), 422);
}

TEST(InferenceRequest, AnIdHasALimitInCharacters) {
  std::string id;
  for (int i = 0; i < 256; ++i) id += "\xe9\xb3\xa5";
  EXPECT_EQ(status_of(changed("/id", id)), 200);
  EXPECT_EQ(status_of(changed("/id", id + "x")), 422);
}

TEST(InferenceRequest, RefusesMorePicturesOrLabelsThanOneAnswerHas) {
  Json json = one();
  json["inputs"][0]["shape"] = {5};
  json["inputs"][0]["data"] = Json(5, "Zg==");
  EXPECT_EQ(status_of(json.dump()), 422);
  json["inputs"][0]["shape"] = {4};
  json["inputs"][0]["data"] = Json(4, "Zg==");
  EXPECT_EQ(status_of(json.dump()), 200);
  json["parameters"]["top"] = 3;
  const InferenceRules few{.max_pictures = 4, .max_cells = 11};
  EXPECT_EQ(status_of(read_inference_request(json.dump(), std::nullopt, few)), 422);
  json["parameters"]["top"] = 2;
  EXPECT_EQ(status_of(read_inference_request(json.dump(), std::nullopt, few)), 200);
}

TEST(InferenceRequest, RefusesWhatProgramsReadDifferently) {
  for (const char* body :
       {"", "{", "{\"inputs\": [}", "nul", R"({"id": "a", "id": "b"})", R"({"inputs": [], "inputs": []})",
        R"({"parameters": {"top": 1, "top": 2}})", R"({"id": "\xff"})", R"({"parameters": {"top": NaN}})",
        R"({"inputs": [{"data": [], "data": []}]})", "{} {}", R"({"x": 1e999})"}) {
    EXPECT_EQ(status_of(body), 400) << body;
  }
  EXPECT_EQ(status_of(std::string(64, '[') + std::string(64, ']')), 422);
  EXPECT_EQ(status_of(std::string(65, '[') + std::string(65, ']')), 400);
  EXPECT_EQ(status_of(std::string(1'000'000, '[')), 400);
}

TEST(InferenceRequest, WishesAreTheOutputsThatAreNamed) {
  const auto request = read(R"({"parameters": {"binary_data_output": true}, "inputs": [
      {"name": "image", "shape": [1], "datatype": "BYTES", "data": ["Zg=="]}], "outputs": [
      {"name": "boxes"}, {"name": "errors", "parameters": {"binary_data": false}}, {"name": "boxes", "parameters": {}}]})",
                            Task::kDetect);
  ASSERT_TRUE(request) << request.error().detail;
  ASSERT_EQ(request->wishes.size(), 2U);
  EXPECT_EQ(request->wishes[0].tensor, InferenceTensor::kErrors);
  EXPECT_FALSE(request->wishes[0].binary);
  EXPECT_EQ(request->wishes[1].tensor, InferenceTensor::kBoxes);
  EXPECT_TRUE(request->wishes[1].binary);
}

TEST(InferenceRequest, ABinaryTensorFollowsItsJson) {
  const std::string tensor = element("one") + element("") + element("http://a.example/b");
  const auto request = read_binary(binary_head(3, tensor.size()), tensor);
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(content(request->pictures[0]), "one");
  EXPECT_EQ(content(request->pictures[1]), "");
  EXPECT_EQ(request->pictures[2].url, "http://a.example/b");
}

TEST(InferenceRequest, SizesThatLieAreRefused) {
  const std::string tensor = element("one") + element("two");
  const auto refused = [&](std::size_t count, std::size_t bytes, const std::string& data) {
    return status_of(read_binary(binary_head(count, bytes), data));
  };
  EXPECT_EQ(refused(2, tensor.size(), tensor), 200);
  EXPECT_EQ(refused(2, tensor.size() - 1, tensor), 400);
  EXPECT_EQ(refused(2, tensor.size() + 1, tensor), 400);
  EXPECT_EQ(refused(2, 0, ""), 422);
  EXPECT_EQ(refused(1, tensor.size(), tensor), 422);
  EXPECT_EQ(refused(3, tensor.size(), tensor), 422);
  for (std::size_t cut = 1; cut < tensor.size(); ++cut) {
    const std::string less = tensor.substr(0, tensor.size() - cut);
    EXPECT_NE(refused(2, less.size(), less), 200) << cut;
  }
  EXPECT_EQ(refused(1, 8, std::string("\xff\xff\xff\xff", 4) + "1234"), 400);
  EXPECT_EQ(refused(1, 8, std::string("\x05\0\0\0", 4) + "1234"), 400);
  EXPECT_EQ(refused(4, 40, std::string(40, '\0')), 422) << "ten empty elements";
}

TEST(InferenceRequest, DataStandsInOnePlace) {
  const std::string both = changed("/inputs/0/parameters", {{"binary_data_size", 3}});
  EXPECT_EQ(status_of(read_inference_request(both + "abc", both.size(), {})), 422);
  EXPECT_EQ(status_of(read_inference_request(std::string(kOne) + "abc", std::string(kOne).size(), {})), 400);
  EXPECT_EQ(status_of(read_inference_request(kOne, std::string(kOne).size(), {})), 200)
      << "JSON, and nothing behind it";
  EXPECT_EQ(status_of(read_inference_request(kOne, std::string(kOne).size() + 1, {})), 400);
  EXPECT_EQ(status_of(read_inference_request(kOne, 5, {})), 400);
  EXPECT_EQ(status_of(binary_head(1, 7)), 400) << "without the length of the JSON nothing is behind it";
}

TEST(InferenceRequest, WithoutAnyJsonTheBodyIsOnePicture) {
  const auto request = read_inference_request("bytes", 0, {});
  ASSERT_TRUE(request);
  EXPECT_EQ(content(request->pictures.at(0)), "bytes");
  EXPECT_TRUE(request->wishes.at(0).binary);
}

TEST(InferenceRequest, TheLengthOfTheJsonIsANumber) {
  EXPECT_EQ(read_head_length("0"), 0U);
  EXPECT_EQ(read_head_length("123"), 123U);
  for (const char* text : {"", "-1", "+1", "1.0", "0x1", " 1", "1 ", "1,1", "99999999999999999999999"}) {
    EXPECT_FALSE(read_head_length(text)) << text;
  }
}

}  // namespace
}  // namespace curlew
