#include "curlew/service/web_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace curlew {
namespace {

/// The weight of "gzip;q=0.5"; 1 where it has none, 0 where that is no number.
double weight_of(std::string_view element) {
  const auto semicolon = element.find(';');
  if (semicolon == std::string_view::npos) return 1;
  std::string_view parameter = trimmed(element.substr(semicolon + 1));
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return 0;
  parameter.remove_prefix(2);
  double weight = 0;
  const auto [end, error] = std::from_chars(parameter.data(), parameter.data() + parameter.size(), weight);
  return error == std::errc() && end == parameter.data() + parameter.size() ? weight : 0;
}

std::string entity_tag(const WebFile& file, bool packed) {
  return fmt::format("\"{}{}\"", file.digest, packed ? "-gz" : "");
}

/// Whether the client has the file already, in either form.
bool is_known(const WebFile& file, const HttpHeaders& request) {
  for (const std::string_view value : request.all("If-None-Match")) {
    for (std::string_view tag : list_elements(value)) {
      if (tag == "*") return true;
      if (tag.starts_with("W/")) tag.remove_prefix(2);
      if (tag == entity_tag(file, false) || tag == entity_tag(file, true)) return true;
    }
  }
  return false;
}

}  // namespace

const WebFile* find_web_file(std::string_view name) {
  const auto files = web_files();
  const auto found = std::ranges::find(files, name, &WebFile::name);
  return found == files.end() ? nullptr : &*found;
}

bool accepts_gzip(std::span<const std::string_view> accept_encoding) {
  bool any = false;
  for (const std::string_view value : accept_encoding) {
    for (const std::string_view element : list_elements(value)) {
      const std::string_view coding = trimmed(element.substr(0, element.find(';')));
      if (equal_but_case(coding, "gzip") || equal_but_case(coding, "x-gzip")) return weight_of(element) > 0;
      if (coding == "*") any = weight_of(element) > 0;
    }
  }
  return any;
}

WebAnswer answer_file(const WebFile& file, Keep keep, std::string_view policy, const HttpHeaders& request) {
  const bool packed = !file.packed.empty() && accepts_gzip(request.all("Accept-Encoding"));
  WebAnswer answer;
  answer.headers = {{"ETag", entity_tag(file, packed)},
                    {"Cache-Control", keep == Keep::kForEver ? "public, max-age=31536000, immutable" : "no-cache"},
                    {"Vary", "Accept-Encoding"},
                    {"Referrer-Policy", "no-referrer"},
                    {"X-Content-Type-Options", "nosniff"}};
  if (!policy.empty()) answer.headers.add("Content-Security-Policy", policy);
  if (is_known(file, request)) {
    answer.status = 304;
    return answer;
  }
  answer.headers.add("Content-Type", file.media);
  if (packed) answer.headers.add("Content-Encoding", "gzip");
  answer.body = packed ? file.packed : file.plain;
  return answer;
}

}  // namespace curlew
