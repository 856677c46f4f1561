#include "flow/http_fixture.hpp"

#include <stdexcept>
#include <utility>

namespace curlew::testing_http {
namespace {

void hello(const HttpRequest& /*request*/, const std::shared_ptr<HttpReply>& reply) {
  reply->send(200, {{"Content-Type", "text/plain"}}, "hello");
}

void echo(HttpRequest request, const std::shared_ptr<HttpReply>& reply) {
  reply->send(200, {{"Content-Type", request.content_type.text()}}, std::move(request.body));
}

void tell_parameters(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
  std::string body = request.method + " " + std::string(request.parameter("id")) + " " + request.client;
  for (const auto& [name, value] : request.query) body += " " + name + "=" + value;
  reply->send(200, {}, body);
}

void stream_three(const HttpRequest& /*request*/, const std::shared_ptr<HttpReply>& reply) {
  reply->begin_stream(200, {{"Content-Type", "text/plain"}});
  for (const char* piece : {"one ", "two ", "three"}) reply->write(piece);
  reply->end();
}

}  // namespace

RawClient HttpServerTest::client(const std::string& address) const {
  return RawClient(server->port(), address, wire == Wire::kTls ? std::optional<TlsWish>(TlsWish{}) : std::nullopt);
}

void HttpServerTest::start() {
  if (wire == Wire::kTls && !options.tls.named()) options.tls = certificates.make("server");
  Router router;
  router.use_inference_errors_under("/v2/");
  router.add({.method = "GET", .pattern = "/hello", .name = "hello", .handler = hello});
  router.add({.method = "POST",
              .pattern = "/echo",
              .name = "echo",
              .handler = echo,
              .bodies = {{.media = "application/json"}, {.media = "image/*"}, {.media = "multipart/form-data"}}});
  router.add({.method = "GET", .pattern = "/items/{id}", .name = "item", .handler = tell_parameters});
  router.add({.method = "DELETE", .pattern = "/items/{id}", .name = "drop", .handler = tell_parameters});
  router.add({.method = "GET", .pattern = "/stream", .name = "stream", .handler = stream_three});
  router.add({.method = "GET", .pattern = "/guarded", .name = "guarded", .handler = hello, .needs_key = true});
  router.add({.method = "GET", .pattern = "/livez", .name = "livez", .handler = hello, .counts_for_rate = false});
  router.add({.method = "POST",
              .pattern = "/bytes",
              .name = "bytes",
              .handler = echo,
              .bodies = {{.media = "application/octet-stream", .max_bytes = 4}}});
  router.add({.method = "GET", .pattern = "/v2/known", .name = "v2", .handler = hello});
  router.add({.method = "GET", .pattern = "/held", .name = "held", .handler = [this](auto&&, auto reply) {
                held.put(std::move(reply));
              }});
  router.add({.method = "GET", .pattern = "/silent", .name = "silent", .handler = [](auto&&, auto&&) {}});
  router.add({.method = "GET", .pattern = "/throws", .name = "throws", .handler = [](auto&&, auto&&) {
                throw std::runtime_error("secret");
              }});
  server = std::make_unique<HttpServer>(options, std::move(router), watcher);
  server->start();
}

INSTANTIATE_TEST_SUITE_P(Over, HttpFlow, testing::Values(Wire::kPlain, Wire::kTls),
                         [](const auto& wire) { return wire.param == Wire::kPlain ? "Plain" : "Tls"; });

}  // namespace curlew::testing_http
