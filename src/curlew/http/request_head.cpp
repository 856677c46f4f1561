#include "curlew/http/request_head.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <utility>

namespace curlew {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using BoostError = boost::system::error_code;

tl::unexpected<HttpProblem> refused(HttpErrorCode code, std::string detail) {
  return tl::make_unexpected(make_problem(code, std::move(detail)));
}

/// Takes what Beast's parser finds in a head; bodies are read elsewhere (request_body.hpp).
class HeadParser : public http::basic_parser<true> {
 public:
  explicit HeadParser(std::size_t max_fields) : max_fields_(max_fields) {}

  RequestHead head;
  bool too_many_fields = false;

 private:
  void on_request_impl(http::verb /*verb*/, beast::string_view method, beast::string_view target, int version,
                       BoostError& /*error*/) override {
    head.method = std::string(method);
    head.target = std::string(target);
    head.minor_version = version % 10;
  }
  void on_field_impl(http::field /*field*/, beast::string_view name, beast::string_view value,
                     BoostError& error) override {
    if (++fields_ > max_fields_) {
      too_many_fields = true;
      error = http::error::header_limit;
      return;
    }
    head.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_response_impl(int /*code*/, beast::string_view /*reason*/, int /*version*/, BoostError& /*error*/) override {}
  void on_header_impl(BoostError& /*error*/) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const& /*length*/, BoostError& /*error*/) override {}
  std::size_t on_body_impl(beast::string_view /*body*/, BoostError& /*error*/) override { return 0; }
  void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/, BoostError& /*error*/) override {
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, beast::string_view /*body*/,
                                 BoostError& /*error*/) override {
    return 0;
  }
  void on_finish_impl(BoostError& /*error*/) override {}

  std::size_t max_fields_;
  std::size_t fields_ = 0;
};

/// The line's last word, where that is `HTTP/` and two numbers.
std::string_view version_of(std::string_view line) {
  const std::string_view word = line.substr(line.rfind(' ') + 1);
  const bool is_version = word.size() == 8 && word.starts_with("HTTP/") && word[5] >= '0' && word[5] <= '9' &&
                          word[6] == '.' && word[7] >= '0' && word[7] <= '9';
  return is_version ? word : std::string_view{};
}

std::optional<HttpProblem> fault_of_line(std::string_view line) {
  const std::string_view version = version_of(line);
  if (version.empty()) return make_problem(HttpErrorCode::kMalformed, "this is no HTTP/1.1 request line");
  if (line == "PRI * HTTP/2.0") {
    return make_problem(HttpErrorCode::kMalformed, "HTTP/2 without TLS is not spoken here; use HTTP/1.1");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return make_problem(HttpErrorCode::kHttpVersion, "");
  return std::nullopt;
}

/// Beast joins folded lines, and leaves it to others to say that nobody may send them.
std::optional<HttpProblem> fault_of_fields(std::string_view fields) {
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    const std::string_view line = fields.substr(0, end);
    fields.remove_prefix(end + 2);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      return make_problem(HttpErrorCode::kMalformed, "a header field must stand on one line");
    }
    if (!is_token(line.substr(0, line.find(':')))) {
      return make_problem(HttpErrorCode::kMalformed,
                          "the name of a header field must be a token, with a colon right after it");
    }
  }
  return std::nullopt;
}

}  // namespace

Result<RequestHead, HttpProblem> parse_head(std::string_view text, const HttpLimits& limits) {
  const std::size_t line_end = text.find("\r\n");
  const std::string_view line = text.substr(0, line_end);
  if (auto fault = fault_of_line(line)) return tl::make_unexpected(std::move(*fault));
  if (auto fault = fault_of_fields(text.substr(line_end + 2))) return tl::make_unexpected(std::move(*fault));

  HeadParser parser(limits.head_fields);
  parser.header_limit(static_cast<std::uint32_t>(text.size() + 1));
  parser.body_limit(boost::none);
  BoostError error;
  parser.put(boost::asio::const_buffer(text.data(), text.size()), error);
  if (parser.too_many_fields) return refused(HttpErrorCode::kHeadTooLarge, "the request has too many header fields");
  if (error || !parser.is_header_done()) {
    const bool in_line = parser.head.method.empty();
    return refused(HttpErrorCode::kMalformed, in_line ? "the request line is broken" : "a header field is broken");
  }
  if (parser.head.target.size() > limits.target_bytes) return refused(HttpErrorCode::kUriTooLong, "");
  if (parser.head.method == "CONNECT") return refused(HttpErrorCode::kNotImplemented, "this is no proxy");
  return std::move(parser.head);
}

}  // namespace curlew
