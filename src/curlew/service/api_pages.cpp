#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "curlew/service/api.hpp"
#include "curlew/service/web_files.hpp"

namespace curlew {
namespace {

/// What a page may load: what this service has, and pictures that the page itself was given or was sent as data.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types "
    "'none'";
/// The explorer's library writes markup that it has cleaned itself, which Trusted Types would refuse.
constexpr std::string_view kExplorerPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src "
    "'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

void send_file(HttpReply& reply, const WebAnswer& answer) {
  reply.send(answer.status, answer.headers, std::string(answer.body));
}

void add_page(Router& router, const std::string& path, const std::string& name, std::string_view policy) {
  router.add({.method = "GET",
              .pattern = path,
              .name = name,
              .handler =
                  [path, policy](const HttpRequest& request, const ReplyPtr& reply) {
                    const WebFile* file = find_web_file(path);
                    if (file == nullptr) return reply->fail(make_problem(HttpErrorCode::kNotFound, ""));
                    send_file(*reply, answer_file(*file, Keep::kAskAgain, policy, request.headers));
                  },
              .counts_for_rate = false,
              .described = false});
}

void send_asset(const HttpRequest& request, HttpReply& reply) {
  const WebFile* file = find_web_file(request.parameter("name"));
  if (file == nullptr) return reply.fail(make_problem(HttpErrorCode::kNotFound, "there is no such file of the page"));
  // A page of another version, as one of several services may have sent it, gets what is here, for this once.
  const bool is_named_by_content = request.parameter("version") == web_version();
  send_file(reply, answer_file(*file, is_named_by_content ? Keep::kForEver : Keep::kAskAgain, "", request.headers));
}

}  // namespace

void add_page_routes(Router& router) {
  add_page(router, "/", "page", kPagePolicy);
  add_page(router, "/docs", "docs", kExplorerPolicy);
  router.add({.method = "GET",
              .pattern = "/assets/{version}/{name}",
              .name = "asset",
              .handler = [](const HttpRequest& request, const ReplyPtr& reply) { send_asset(request, *reply); },
              .counts_for_rate = false,
              .described = false});
}

}  // namespace curlew
