#include "curlew/http/router.hpp"

#include <gtest/gtest.h>

#include "curlew/http/target.hpp"

namespace curlew {
namespace {

Route route(std::string method, std::string pattern, std::string name) {
  return {.method = std::move(method),
          .pattern = std::move(pattern),
          .name = std::move(name),
          .handler = [](auto&&, auto&&) {}};
}

Router table() {
  Router router;
  router.add(route("GET", "/", "page"));
  router.add(route("POST", "/v1/batches", "create"));
  router.add(route("GET", "/v1/batches/{id}", "status"));
  router.add(route("DELETE", "/v1/batches/{id}", "cancel"));
  router.add(route("GET", "/v1/batches/{id}/events", "events"));
  router.add(route("GET", "/v1/batches/latest", "latest"));
  return router;
}

std::string name_of(const Router& router, std::string_view method, std::string_view path) {
  const RouteMatch match = router.match(method, parse_target(path)->segments);
  if (match.route != nullptr)
    return match.route->name + std::string(match.parameters.contains("id") ? ":" + match.parameters.at("id") : "");
  return match.allowed.empty() ? "none" : allow_header(match.allowed);
}

TEST(Router, FindsRoutesByMethodAndPath) {
  const Router router = table();
  EXPECT_EQ(name_of(router, "GET", "/"), "page");
  EXPECT_EQ(name_of(router, "POST", "/v1/batches"), "create");
  EXPECT_EQ(name_of(router, "GET", "/v1/batches/7"), "status:7");
  EXPECT_EQ(name_of(router, "HEAD", "/v1/batches/7"), "status:7");
  EXPECT_EQ(name_of(router, "DELETE", "/v1/batches/a%2Fb"), "cancel:a/b");
  EXPECT_EQ(name_of(router, "GET", "/v1/batches/7/events"), "events:7");
}

TEST(Router, PrefersFixedSegments) {
  EXPECT_EQ(name_of(table(), "GET", "/v1/batches/latest"), "latest");
  EXPECT_EQ(name_of(table(), "DELETE", "/v1/batches/latest"), "GET, HEAD, OPTIONS");
}

TEST(Router, FindsNothingElse) {
  for (const char* path :
       {"/v1", "/v1/batches/", "/v1/batches//events", "/v1/batches/7/", "//", "/v1/Batches", "/v1/./batches"}) {
    EXPECT_EQ(name_of(table(), "GET", path), "none") << path;
  }
}

TEST(Router, NamesTheMethodsOfAPath) {
  EXPECT_EQ(name_of(table(), "PUT", "/v1/batches/7"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(name_of(table(), "GET", "/v1/batches"), "POST, OPTIONS");
  EXPECT_EQ(name_of(table(), "get", "/"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(allow_header(table().methods()), "GET, HEAD, POST, DELETE, OPTIONS");
}

TEST(Router, RefusesATableThatIsWrong) {
  Router router = table();
  EXPECT_DEATH(router.add(route("GET", "/", "again")), "there already");
  EXPECT_DEATH(router.add(route("GET", "x", "relative")), "slash");
}

TEST(Router, KnowsTheStyleOfErrors) {
  Router router;
  EXPECT_EQ(router.error_style("/v2/x"), ErrorStyle::kProblem);
  router.use_inference_errors_under("/v2/");
  EXPECT_EQ(router.error_style("/v2/x"), ErrorStyle::kInferenceProtocol);
  EXPECT_EQ(router.error_style("/v2"), ErrorStyle::kInferenceProtocol);
  EXPECT_EQ(router.error_style("/v1/x"), ErrorStyle::kProblem);
  EXPECT_EQ(router.error_style("/v23"), ErrorStyle::kProblem);
}

TEST(BodyRule, HasTheLimitOfItsKindUnlessItSaysOne) {
  const HttpLimits limits;
  EXPECT_EQ(body_limit({.media = "application/json"}, limits), 8 * kMiB);
  EXPECT_EQ(body_limit({.media = "image/*"}, limits), 20 * kMiB);
  EXPECT_EQ(body_limit({.media = "multipart/form-data"}, limits), 40 * kMiB);
  EXPECT_EQ(body_limit({.media = "image/*", .max_bytes = 5}, limits), 5U);
  EXPECT_EQ(body_limit({.media = "application/json", .limited_as = "multipart/form-data"}, limits), 40 * kMiB);
}

}  // namespace
}  // namespace curlew
