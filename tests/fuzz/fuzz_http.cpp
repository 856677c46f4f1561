// Any bytes as what a client sends: requests one after the other, as a connection reads them. In whatever pieces they
// come, the same requests are found; and nothing that two readers could understand differently is let through.
#include <string>
#include <vector>

#include "curlew/http/gate.hpp"
#include "curlew/http/request_body.hpp"
#include "curlew/http/request_head.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

constexpr std::size_t kMaxRequests = 20;

HttpLimits small_limits() {
  HttpLimits limits;
  limits.head_bytes = 2000;
  limits.target_bytes = 500;
  limits.head_fields = 20;
  limits.json_body_bytes = 300;
  limits.ignored_body_bytes = 100;
  limits.chunk_extension_bytes = 20;
  limits.trailer_bytes = 60;
  return limits;
}

Router make_router() {
  const auto nothing = [](auto&&, auto&&) {};
  Router router;
  router.add({.method = "GET", .pattern = "/a/{id}", .name = "a", .handler = nothing});
  router.add(
      {.method = "POST", .pattern = "/b", .name = "b", .handler = nothing, .bodies = {{.media = "application/json"}}});
  return router;
}

struct Reader {
  const HttpLimits limits = small_limits();
  const Router router = make_router();
  Gate gate = [this] {
    HttpOptions options;
    options.limits = limits;
    return Gate(options, router, "127.0.0.1", TrustedProxies());
  }();

  void check_framing(const RequestHead& head, const Framing& framing) const {
    check(!(framing.chunked && head.headers.find("Content-Length")), "never both a length and chunks");
    check(head.headers.count("Content-Length") < 2, "never two lengths");
    check(framing.chunked == (head.headers.count("Transfer-Encoding") == 1), "a coding that is not chunked is refused");
    check(head.headers.count("Host") <= 1, "never two hosts");
    for (const auto& [name, value] : head.headers) {
      check(is_token(name), "a field's name is a token");
      check(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "no field has a line break in it");
    }
  }

  /// What was understood of `bytes`, given in pieces of `step` bytes.
  std::vector<std::string> read(std::string_view bytes, std::size_t step) {
    std::vector<std::string> found;
    std::size_t at = 0;
    const auto feed = [&](auto& reader) -> std::optional<HttpProblem> {
      while (!reader.done() && at < bytes.size()) {
        auto taken = reader.take(bytes.substr(at, step));
        if (!taken) return std::move(taken.error());
        at += *taken;
      }
      return std::nullopt;
    };
    const auto refused = [&](const HttpProblem& problem) {
      check(problem.status() >= 400 && problem.status() < 600, "a refusal has a status");
      found.push_back("refused " + error_body(problem, "id", ErrorStyle::kProblem));
      return found;
    };
    while (at < bytes.size() && found.size() < kMaxRequests) {
      HeadScan scan(limits);
      if (const auto problem = feed(scan)) return refused(*problem);
      if (!scan.done()) break;
      check(scan.text().size() <= limits.head_bytes, "a head stays within its limit");
      const auto head = parse_head(scan.text(), limits);
      if (!head) return refused(head.error());
      const auto framing = frame_request(*head);
      if (!framing) return refused(framing.error());
      check_framing(*head, *framing);
      auto admission = gate.admit(*head, *framing, PeerAddress{}, TimePoint{});
      if (!admission) {
        if (framing->has_body()) return refused(admission.error());
        found.push_back(error_body(admission.error(), "id", ErrorStyle::kProblem));
        continue;
      }
      BodyReader body(*framing, admission->max_body, limits);
      if (const auto problem = feed(body)) return refused(*problem);
      if (!body.done()) break;
      check(body.body().size() <= admission->max_body, "a body stays within its limit");
      found.push_back(head->method + " " + admission->request.path + " " + body.body());
    }
    return found;
  }
};

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew::fuzz;
  const std::string_view bytes = as_text(data, size);
  Reader reader;
  const auto whole = reader.read(bytes, size);
  check(whole == reader.read(bytes, 1), "byte by byte it is the same");
  check(whole == reader.read(bytes, 7), "in pieces it is the same");
  return 0;
}
