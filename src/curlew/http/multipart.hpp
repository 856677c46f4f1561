#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/http/media_type.hpp"

namespace curlew {

struct MultipartLimits {
  std::size_t parts = 100;               ///< beyond: 413
  ByteCount part_head_bytes = 4 * kKiB;  ///< the headers of one part; beyond: 413
  std::size_t name_bytes = 255;          ///< of a field or a file, as file systems have it; beyond: 400
};

/// One part of a form.
///
/// Ownership: `content` is a piece of the body.
struct MultipartPart {
  std::string name;  ///< of the field
  std::string file_name;
  bool has_file_name = false;  ///< else it is a value, not a file
  MediaType content_type;      ///< empty where the part says none
  std::string_view content;
};

/// Takes a `multipart/form-data` body apart; it is read to the closing boundary, and what follows that is ignored.
///
/// Errors: kMalformed with what is wrong and in which part; kBodyTooLarge.
/// Cost:   one pass; contents are not copied.
/// Source: RFC 7578, RFC 2046 section 5.1.
Result<std::vector<MultipartPart>, HttpProblem> parse_multipart(std::string_view body, const MediaType& content_type,
                                                                const MultipartLimits& limits = {});

}  // namespace curlew
