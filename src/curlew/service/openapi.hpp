#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "curlew/http/router.hpp"
#include "curlew/service/model_board.hpp"

namespace curlew {

/// What a description holds beside the table of routes.
struct OpenApiFacts {
  std::string_view version;
  std::size_t max_items = 10'000;
  std::span<const ModelFacts> models;  ///< requests may name those that are not kUnavailable
};

/// The description of the interface, made of the table of routes. Of errors a route names those of its own: an answer
/// with a status from 400 on and without a media type. Those that its form brings about, and those that each request
/// may meet, are put in here.
///
/// Source: OpenAPI 3.1.0.
std::string openapi_json(const Router& router, const OpenApiFacts& facts);

}  // namespace curlew
