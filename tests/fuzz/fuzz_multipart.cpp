// Any text as a form: the first line is the Content-Type, the rest the body.
#include "curlew/http/multipart.hpp"
#include "fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  using fuzz::check;
  std::string_view body = fuzz::as_text(data, size);
  const auto type = parse_media_type(fuzz::take_line(body));
  if (!type) return 0;
  const MultipartLimits limits{.parts = 10, .part_head_bytes = 300, .name_bytes = 40};
  const auto parts = parse_multipart(body, *type, limits);
  if (!parts) {
    check(!parts.error().detail.empty(), "an error says something");
    return 0;
  }
  check(parts->size() <= limits.parts, "no more parts than allowed");
  const std::string boundary = "\r\n--" + std::string(type->parameter("boundary"));
  const char* at = body.data();
  for (const MultipartPart& part : *parts) {
    check(part.name.size() <= limits.name_bytes && part.file_name.size() <= limits.name_bytes, "names are short");
    check(part.has_file_name || part.file_name.empty(), "only a file has a file's name");
    if (part.content.empty()) continue;
    check(part.content.data() >= at && part.content.data() + part.content.size() <= body.data() + body.size(),
          "contents lie in the body, one behind the other");
    check(part.content.find(boundary) == std::string_view::npos, "no content has the boundary in it");
    at = part.content.data() + part.content.size();
  }
  return 0;
}
