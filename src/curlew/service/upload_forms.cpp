#include "curlew/service/upload_forms.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "curlew/http/multipart.hpp"

namespace curlew {
namespace {

UploadedPicture picture_of(std::string_view content, std::string name, const HttpRequest& request) {
  const auto bytes = std::as_bytes(std::span(content));
  return {.name = std::move(name), .bytes = {bytes.begin(), bytes.end()}, .room = request.body_room};
}

tl::unexpected<HttpProblem> wrong(std::string detail) {
  return tl::make_unexpected(make_problem(HttpErrorCode::kInvalidRequest, std::move(detail)));
}

}  // namespace

Result<UploadForm, HttpProblem> read_upload_form(HttpRequest& request, std::size_t max_pictures) {
  const std::string body = std::exchange(request.body, {});
  UploadForm form{.pictures = {}, .options = request.query};
  if (request.content_type.type == "image") {
    form.pictures.push_back(picture_of(body, "", request));
    return form;
  }
  const auto parts = parse_multipart(body, request.content_type);
  if (!parts) return tl::make_unexpected(parts.error());
  for (const MultipartPart& part : *parts) {
    if (part.has_file_name || part.content_type.type == "image") {
      if (form.pictures.size() == max_pictures)
        return wrong(fmt::format("at most {} pictures are taken", max_pictures));
      form.pictures.push_back(picture_of(part.content, part.file_name, request));
    } else {
      form.options.emplace_back(part.name, part.content);
    }
  }
  if (form.pictures.empty()) return wrong("the form has no file; send a picture as a part with a file name");
  return form;
}

}  // namespace curlew
