// Any text as the body of a request. The library's own check says whether it is JSON at all; what was read is written
// and read again.
#include <nlohmann/json.hpp>
#include <string>

#include "curlew/intake/request_json.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

constexpr RequestRules kRules{.task = RequestRules::TaskMember::kTaken, .max_items = 50};

void check_error(const RequestError& error, std::string_view body) {
  check(!error.message.empty() && error.message.size() < 500, "an error says something, and repeats little");
  check(error.pointer.empty() || error.pointer.front() == '/', "a pointer is empty or begins with a slash");
  if (error.kind == RequestError::Kind::kWrong) check(nlohmann::json::accept(body), "what is only wrong is JSON");
}

void check_request(const ListRequest& request, std::string_view body) {
  check(nlohmann::json::accept(body), "what is read is JSON");
  check(!request.urls.empty() && request.urls.size() <= kRules.max_items, "a list stays within its limits");
  check(!request.top || (*request.top >= 1 && *request.top <= kMaxTop), "top is in its range");
  check(!request.threshold || (*request.threshold >= 0 && *request.threshold <= 1), "threshold is in its range");
  check(!request.model || (!request.model->empty() && request.model->size() <= 64), "a model has a name");

  nlohmann::json written;
  for (const ListEntry& entry : request.urls) written["urls"].push_back(entry.text);
  if (request.task) written["task"] = *request.task == Task::kClassify ? "classify" : "detect";
  if (request.model) written["model"] = *request.model;
  if (request.top) written["top"] = *request.top;
  if (request.threshold) written["threshold"] = *request.threshold;
  const std::string text = written.dump();  // throws where a text is not UTF-8
  const auto again = read_list_request(text, kRules);
  check(again && again->urls.size() == request.urls.size(), "what was read can be written and read");
  for (std::size_t i = 0; i < request.urls.size(); ++i) {
    check(again->urls[i].text == request.urls[i].text, "a URL is kept letter for letter");
  }
  check(again->task == request.task && again->model == request.model && again->top == request.top &&
            again->threshold == request.threshold,
        "every member is kept");
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  const std::string_view body = fuzz::as_text(data, size);
  const auto request = read_list_request(body, fuzz::kRules);
  if (request) {
    fuzz::check_request(*request, body);
  } else {
    fuzz::check_error(request.error(), body);
  }
  return 0;
}
