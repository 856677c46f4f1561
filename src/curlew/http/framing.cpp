#include <algorithm>
#include <charconv>
#include <utility>

#include "curlew/http/host_policy.hpp"
#include "curlew/http/request_head.hpp"

namespace curlew {
namespace {

HttpProblem malformed(std::string detail) { return make_problem(HttpErrorCode::kMalformed, std::move(detail)); }

std::optional<HttpProblem> read_length(const HttpHeaders& headers, Framing& framing) {
  const auto lengths = headers.all("Content-Length");
  if (lengths.empty()) return std::nullopt;
  if (lengths.size() > 1) return malformed("Content-Length stands there more than once");
  const std::string_view digits = lengths.front();
  const bool all_digits = !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!all_digits) return malformed("Content-Length must be a number");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), framing.length);
  if (error != std::errc()) return malformed("Content-Length is too large a number");
  return std::nullopt;
}

std::optional<HttpProblem> read_coding(const RequestHead& head, Framing& framing) {
  const auto fields = head.headers.all("Transfer-Encoding");
  if (fields.empty()) return std::nullopt;
  if (head.headers.find("Content-Length")) return malformed("Content-Length and Transfer-Encoding exclude each other");
  if (head.minor_version == 0) return malformed("HTTP/1.0 has no Transfer-Encoding");
  if (fields.size() > 1) return malformed("Transfer-Encoding stands there more than once");
  const auto codings = list_elements(fields.front());
  const auto is_chunked = [](std::string_view coding) { return equal_but_case(coding, "chunked"); };
  if (codings.empty() || !is_chunked(codings.back())) return malformed("Transfer-Encoding must end in chunked");
  if (std::ranges::count_if(codings, is_chunked) > 1) return malformed("a body is chunked once");
  if (codings.size() > 1) {
    return make_problem(HttpErrorCode::kNotImplemented, "no transfer coding but chunked is understood");
  }
  framing.chunked = true;
  return std::nullopt;
}

std::optional<HttpProblem> check_host(const RequestHead& head) {
  const auto hosts = head.headers.all("Host");
  if (hosts.size() > 1) return malformed("Host stands there more than once");
  if (hosts.empty()) {
    if (head.minor_version == 0) return std::nullopt;
    return malformed("HTTP/1.1 wants a Host header");
  }
  if (!parse_host(hosts.front())) return malformed("Host must be a name or an address, with a port or without");
  return std::nullopt;
}

bool keeps_alive(const RequestHead& head) {
  bool keep = head.minor_version == 1;
  for (const std::string_view field : head.headers.all("Connection")) {
    for (const std::string_view option : list_elements(field)) {
      if (equal_but_case(option, "close")) return false;
      if (equal_but_case(option, "keep-alive")) keep = true;
    }
  }
  return keep;
}

std::optional<HttpProblem> read_expectation(const RequestHead& head, Framing& framing) {
  if (head.minor_version == 0) return std::nullopt;  // a 1.0 client cannot mean it
  for (const std::string_view field : head.headers.all("Expect")) {
    for (const std::string_view expectation : list_elements(field)) {
      if (!equal_but_case(expectation, "100-continue")) return make_problem(HttpErrorCode::kExpectationFailed, "");
      framing.expects_continue = true;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Framing, HttpProblem> frame_request(const RequestHead& head) {
  Framing framing;
  framing.keep_alive = keeps_alive(head);
  if (auto problem = read_coding(head, framing)) return tl::make_unexpected(std::move(*problem));
  if (auto problem = read_length(head.headers, framing)) return tl::make_unexpected(std::move(*problem));
  if (auto problem = check_host(head)) return tl::make_unexpected(std::move(*problem));
  if (auto problem = read_expectation(head, framing)) return tl::make_unexpected(std::move(*problem));
  return framing;
}

}  // namespace curlew
