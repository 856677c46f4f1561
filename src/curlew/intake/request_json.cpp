#include "curlew/intake/request_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "curlew/base/nearest_word.hpp"

namespace curlew {
namespace {

bool is_within(const std::optional<double>& number, double least, double most) {
  return number && *number >= least && *number <= most;
}

enum class Member : std::uint8_t { kUrls, kTask, kModel, kTop, kThreshold, kThumbnail, kUnknown };

constexpr std::array<std::string_view, 6> kMembers{"urls", "task", "model", "top", "threshold", "thumbnail"};

/// Names of models are no longer; nor is a member's name that an error repeats.
constexpr std::size_t kMaxNameBytes = 64;

constexpr std::string_view kForm = R"(the body must be an object such as {"urls": ["https://..."]})";
constexpr std::string_view kListForm = R"("urls" must be a list of texts with at least one URL)";

std::string escaped_for_pointer(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// A value that is neither a list nor an object; none of the members: null.
struct Scalar {
  std::string* text = nullptr;
  std::optional<double> number = {};
  std::optional<bool> truth = {};
};

/// Takes the parser's events. It remembers the first thing that is wrong and reads on, since a body may still turn out
/// not to be JSON; false from an event ends the parsing, and then `malformed_` says why.
class Handler {  // its functions are named by the library
 public:
  Handler(std::string_view body, const RequestRules& rules) : body_(body), rules_(rules) {}

  bool null() { return scalar({}); }
  bool boolean(bool value) { return scalar({.truth = value}); }
  bool number_integer(std::int64_t value) { return scalar({.number = static_cast<double>(value)}); }
  bool number_unsigned(std::uint64_t value) { return scalar({.number = static_cast<double>(value)}); }
  bool number_float(double value, const std::string&) { return scalar({.number = value}); }
  bool string(std::string& value) { return scalar({.text = &value}); }
  bool binary(std::vector<std::uint8_t>&) { return scalar({}); }  // JSON has none

  bool start_object(std::size_t) {
    if (depth_ > 0) scalar({});
    return deeper();
  }
  bool end_object() { return shallower(); }

  bool start_array(std::size_t) {
    if (depth_ == 1 && member_ == Member::kUrls) {
      in_urls_ = true;
    } else {
      scalar({});
    }
    return deeper();
  }
  bool end_array() {
    if (depth_ == 2) in_urls_ = false;
    return shallower();
  }

  bool key(std::string& name) {
    if (depth_ != 1) return true;  // of something that is wrong already
    const auto found = std::ranges::find(kMembers, name);
    member_ = static_cast<Member>(found - kMembers.begin());
    if (member_ == Member::kUnknown) {
      unknown(name);
      return true;
    }
    if (std::exchange(seen_[static_cast<std::size_t>(member_)], true)) {
      return malformed(fmt::format("the member \"{}\" is there twice", name), "/" + name);
    }
    if (member_ == Member::kTask && rules_.task == RequestRules::TaskMember::kRefused) {
      wrong("/task", R"("task" is not for this path: the path itself says it)");
    }
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception& fault) {
    constexpr int kNumberOverflow = 406;
    return malformed(fault.id == kNumberOverflow ? fmt::format("the number that ends at byte {} is too large", position)
                                                 : syntax_error(position));
  }

  Result<ListRequest, RequestError> result() {
    if (!malformed_ && !wrong_) check_complete();
    if (malformed_) return tl::make_unexpected(std::move(*malformed_));
    if (wrong_) return tl::make_unexpected(std::move(*wrong_));
    return std::move(request_);
  }

 private:
  bool malformed(std::string message, std::string pointer = {}) {
    malformed_ = RequestError{RequestError::Kind::kMalformed, std::move(message), std::move(pointer)};
    return false;
  }

  void wrong(std::string pointer, std::string message) {
    if (!wrong_) wrong_ = RequestError{RequestError::Kind::kWrong, std::move(message), std::move(pointer)};
  }

  /// The position counts from 1, and is behind the end where the text ends too early.
  std::string syntax_error(std::size_t position) const {
    if (body_.empty()) return fmt::format("the body is empty; {}", kForm);
    if (position > body_.size()) return "the body ends before its JSON does";
    const std::string_view rest = body_.substr(std::max<std::size_t>(position, 1) - 1);
    if (rest.starts_with("NaN") || rest.starts_with("Infinity")) {
      return fmt::format("byte {}: NaN and Infinity are no numbers of JSON", position);
    }
    return fmt::format("the body is not JSON in UTF-8: byte {} does not fit there", position);
  }

  bool deeper() {
    if (++depth_ <= kMaxJsonDepth) return true;
    return malformed(fmt::format("the JSON is more than {} lists and objects deep", kMaxJsonDepth));
  }

  bool shallower() {
    --depth_;
    return true;
  }

  void unknown(const std::string& name) {
    if (name.size() > kMaxNameBytes) {
      wrong("", fmt::format("there is a member with a name of {} bytes; {}", name.size(), kForm));
      return;
    }
    std::vector<std::string> known(kMembers.begin(), kMembers.end());
    if (rules_.task == RequestRules::TaskMember::kRefused) std::erase(known, "task");
    const std::string nearest = nearest_word(name, known);
    wrong("/" + escaped_for_pointer(name),
          nearest.empty() ? fmt::format("there is no member \"{}\"; there are {}", name, fmt::join(known, ", "))
                          : fmt::format("there is no member \"{}\"; did you mean \"{}\"?", name, nearest));
  }

  /// Also for lists and objects in places where there may be none, as a value that fits nowhere.
  bool scalar(const Scalar& value) {
    if (depth_ == 0) {
      wrong("", std::string(kForm));
    } else if (depth_ == 1) {
      member_value(value);
    } else if (depth_ == 2 && in_urls_) {
      add_url(value);
    }
    return true;
  }

  void member_value(const Scalar& value) {
    switch (member_) {
      case Member::kUrls:
        return wrong("/urls", std::string(kListForm));
      case Member::kTask:
        if (value.text != nullptr && *value.text == "classify") {
          request_.task = Task::kClassify;
        } else if (value.text != nullptr && *value.text == "detect") {
          request_.task = Task::kDetect;
        } else {
          wrong("/task", R"("task" must be "classify" or "detect")");
        }
        return;
      case Member::kModel:
        if (value.text == nullptr || value.text->empty() || value.text->size() > kMaxNameBytes) {
          return wrong("/model", fmt::format("\"model\" must be a model's name, 1 to {} bytes of text", kMaxNameBytes));
        }
        request_.model = *value.text;
        return;
      case Member::kTop:
        if (!is_within(value.number, 1, kMaxTop) || *value.number != std::floor(*value.number)) {
          return wrong("/top", fmt::format("\"top\" must be a whole number from 1 to {}", kMaxTop));
        }
        request_.top = static_cast<int>(*value.number);
        return;
      case Member::kThreshold:
        if (!is_within(value.number, 0, 1)) {
          return wrong("/threshold", "\"threshold\" must be a number from 0 to 1");
        }
        request_.threshold = static_cast<float>(*value.number);
        return;
      case Member::kThumbnail:
        if (!value.truth) return wrong("/thumbnail", "\"thumbnail\" must be true or false");
        request_.thumbnail = value.truth;
        return;
      case Member::kUnknown:
        return;
    }
  }

  void add_url(const Scalar& value) {
    const std::size_t index = urls_++;
    if (wrong_) return;
    if (index >= rules_.max_items) {
      return wrong("/urls",
                   fmt::format("\"urls\" has more than {} entries; send them in several requests", rules_.max_items));
    }
    if (value.text == nullptr) {
      return wrong(fmt::format("/urls/{}", index), "each entry of \"urls\" must be a text: one URL");
    }
    request_.urls.push_back(ListEntry{.text = value.text->substr(0, kMaxEntryBytes), .line = 0, .problem = {}});
  }

  void check_complete() {
    if (!seen_[static_cast<std::size_t>(Member::kUrls)]) {
      wrong("", fmt::format("\"urls\" is missing; {}", kForm));
    } else if (urls_ == 0) {
      wrong("/urls", std::string(kListForm));
    }
  }

  std::string_view body_;
  const RequestRules& rules_;
  ListRequest request_;
  std::optional<RequestError> malformed_;
  std::optional<RequestError> wrong_;
  std::array<bool, kMembers.size()> seen_{};
  Member member_ = Member::kUnknown;
  std::size_t depth_ = 0;
  std::size_t urls_ = 0;
  bool in_urls_ = false;
};

}  // namespace

Result<ListRequest, RequestError> read_list_request(std::string_view body, const RequestRules& rules) {
  Handler handler(body, rules);
  nlohmann::json::sax_parse(body.begin(), body.end(), &handler);
  return handler.result();
}

}  // namespace curlew
