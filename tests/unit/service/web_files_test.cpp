#include "curlew/service/web_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "unit/service/api_fixture.hpp"

namespace curlew {
namespace {

using fakes::FakeReply;
using fakes::FakeService;
using Texts = std::vector<std::string_view>;

HttpRequest with(std::string_view name, std::string_view value) {
  HttpRequest request;
  request.headers.add(name, value);
  return request;
}

std::string asset(std::string_view name) { return "/assets/" + std::string(web_version()) + "/" + std::string(name); }

/// What stands between `before` and the next quote, everywhere in `text`.
std::vector<std::string> quoted_after(std::string_view text, std::string_view before) {
  std::vector<std::string> found;
  for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    const auto begin = at + before.size();
    found.emplace_back(text.substr(begin, text.find_first_of("\"')", begin) - begin));
  }
  return found;
}

TEST(WebFiles, ThePagesAreThereAndNameOnlyFilesThatAreThere) {
  for (const std::string_view page : {"/", "/docs"}) {
    const WebFile* file = find_web_file(page);
    ASSERT_NE(file, nullptr) << page;
    EXPECT_EQ(file->media, "text/html; charset=utf-8");
    const auto names = quoted_after(file->plain, "\"/assets/" + std::string(web_version()) + "/");
    EXPECT_GE(names.size(), 4U) << page;
    for (const std::string& name : names) EXPECT_NE(find_web_file(name), nullptr) << page << " wants " << name;
    EXPECT_EQ(quoted_after(file->plain, "\"/assets/").size(), names.size()) << "each name has the version";
  }
}

TEST(WebFiles, ScriptsAndStylesNameOnlyFilesThatAreThere) {
  std::size_t imports = 0;
  for (const WebFile& file : web_files()) {
    if (file.name.starts_with("swagger-ui")) continue;
    for (const std::string& name : quoted_after(file.plain, "from './")) {
      EXPECT_NE(find_web_file(name), nullptr) << file.name << " wants " << name;
      ++imports;
    }
    for (const std::string& name : quoted_after(file.plain, "url(\"")) {
      EXPECT_NE(find_web_file(name), nullptr) << file.name << " wants " << name;
    }
  }
  EXPECT_GT(imports, 8U);
}

TEST(WebFiles, NothingNeedsWhatThePolicyForbids) {
  for (const WebFile& file : web_files()) {
    if (file.name.starts_with("swagger-ui")) continue;
    for (const std::string_view forbidden : {"<style", " style=\"", "onclick=", "onload=", "javascript:", "innerHTML",
                                             "eval(", "new Function", "insertAdjacentHTML", "document.write"}) {
      EXPECT_EQ(file.plain.find(forbidden), std::string_view::npos) << file.name << " has " << forbidden;
    }
    for (const auto& source : quoted_after(file.plain, "src=\"")) EXPECT_TRUE(source.starts_with("/assets/")) << source;
  }
}

TEST(WebFiles, DigestsAndNamesAreDifferentAndPackedFilesAreSmaller) {
  std::set<std::string_view> names;
  for (const WebFile& file : web_files()) {
    EXPECT_TRUE(names.insert(file.name).second) << file.name;
    EXPECT_EQ(file.digest.size(), 16U) << file.name;
    EXPECT_FALSE(file.plain.empty()) << file.name;
    EXPECT_LT(file.packed.size(), file.plain.size()) << file.name;
    if (!file.packed.empty()) {
      EXPECT_TRUE(file.packed.starts_with("\x1f\x8b")) << file.name;
    }
  }
  EXPECT_FALSE(find_web_file("page.js")->packed.empty());
  EXPECT_EQ(find_web_file("no-such.js"), nullptr);
}

TEST(WebFiles, GzipIsSentToWhoTakesIt) {
  for (const Texts& taken : {Texts{"gzip"}, Texts{"br, GZip"}, Texts{"br", "gzip;q=0.5"}, Texts{"*"}, Texts{"x-gzip"},
                             Texts{"identity;q=0, gzip; q=1.0"}}) {
    EXPECT_TRUE(accepts_gzip(taken)) << taken.front();
  }
  for (const Texts& not_taken : {Texts{}, Texts{""}, Texts{"br"}, Texts{"gzip;q=0"}, Texts{"*, gzip;q=0.0"},
                                 Texts{"*;q=0"}, Texts{"gzip;q=much"}, Texts{"gzip;level=9"}, Texts{"gzipped"}}) {
    EXPECT_FALSE(accepts_gzip(not_taken)) << (not_taken.empty() ? "" : not_taken.front());
  }
}

TEST(WebPages, AreSentWithAPolicyThatLetsNothingInFromElsewhere) {
  FakeService service;
  for (const std::string path : {"/", "/docs"}) {
    const auto reply = service.ask("GET", path, with("Accept", "application/json"));
    EXPECT_EQ(reply->status(), 200) << path;
    EXPECT_EQ(reply->header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(reply->header("Cache-Control"), "no-cache");
    EXPECT_EQ(reply->header("Vary"), "Accept-Encoding");
    EXPECT_EQ(reply->header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(reply->header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply->header("Content-Encoding"), "");
    const std::string policy = reply->header("Content-Security-Policy");
    for (const std::string_view part : {"default-src 'none';", "script-src 'self';", "style-src 'self';",
                                        "connect-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"}) {
      EXPECT_NE(policy.find(part), std::string::npos) << path << ": " << policy;
    }
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
    EXPECT_EQ(reply->text(), find_web_file(path)->plain);
  }
}

TEST(WebPages, AreKeptByTheBrowserAsLongAsTheyAreTheSame) {
  FakeService service;
  const auto first = service.ask("GET", "/", with("Accept-Encoding", "gzip"));
  EXPECT_EQ(first->header("Content-Encoding"), "gzip");
  EXPECT_EQ(first->text(), find_web_file("/")->packed);
  const std::string tag = first->header("ETag");
  for (const std::string& known : {tag, "\"other\", W/" + tag, std::string("*")}) {
    const auto again = service.ask("GET", "/", with("If-None-Match", known));
    EXPECT_EQ(again->status(), 304) << known;
    EXPECT_EQ(again->text(), "");
    EXPECT_FALSE(again->header("ETag").empty());
  }
  EXPECT_EQ(service.ask("GET", "/", with("If-None-Match", "\"other\""))->status(), 200);
  EXPECT_NE(service.ask("GET", "/")->header("ETag"), tag) << "each form has a tag of its own";
}

TEST(WebPages, TheirFilesAreKeptForEverUnderTheVersionThatTheyAreOf) {
  FakeService service;
  const auto script = service.ask("GET", asset("page.js"));
  EXPECT_EQ(script->status(), 200);
  EXPECT_EQ(script->header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(script->header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(script->text(), find_web_file("page.js")->plain);
  EXPECT_EQ(service.ask("GET", asset("base.css"))->header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(service.ask("GET", asset("logo.svg"))->header("Content-Type"), "image/svg+xml");
  const auto other = service.ask("GET", "/assets/another/page.js");
  EXPECT_EQ(other->status(), 200) << "a page of another instance still works";
  EXPECT_EQ(other->header("Cache-Control"), "no-cache");
  EXPECT_EQ(service.ask("GET", asset("no-such.js"))->status(), 404);
  EXPECT_EQ(service.ask("GET", asset("docs_plain.html"))->status(), 404);
}

TEST(WebPages, NeedNoKeyCountForNoLimitAndAreNoPartOfTheDescription) {
  FakeService service;
  std::size_t pages = 0;
  for (const Route& route : service.router().routes()) {
    if (route.described) continue;
    ++pages;
    EXPECT_EQ(route.method, "GET") << route.pattern;
    EXPECT_FALSE(route.needs_key) << route.pattern;
    EXPECT_FALSE(route.counts_for_rate) << route.pattern;
    EXPECT_EQ(route.name.find('/'), std::string::npos) << "a name for metrics, not a path";
  }
  EXPECT_EQ(pages, 3U);
  const std::string description = service.ask("GET", "/openapi.json")->text();
  EXPECT_EQ(description.find("/assets"), std::string::npos);
  EXPECT_EQ(description.find("\"/docs\""), std::string::npos);
}

}  // namespace
}  // namespace curlew
