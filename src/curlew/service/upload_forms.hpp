#pragma once

#include <utility>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/http/http_request.hpp"
#include "curlew/service/backend.hpp"

namespace curlew {

/// Pictures that came as the body of a request, and what was asked for them.
struct UploadForm {
  std::vector<UploadedPicture> pictures;
  QueryParameters options;  ///< those of the query, then those of the form: model, top, threshold, thumbnail
};

/// Takes the body of a request of `image/*` (one picture without a name) or `multipart/form-data` apart; in a form,
/// what has a file name or is of `image/*` is a picture, and every other part an option. The body is gone then.
///
/// Errors: kMalformed, kBodyTooLarge; kInvalidRequest: a form without a picture, or with more than `max_pictures`.
Result<UploadForm, HttpProblem> read_upload_form(HttpRequest& request, std::size_t max_pictures);

}  // namespace curlew
