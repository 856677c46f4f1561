#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/http/http_headers.hpp"
#include "curlew/http/media_type.hpp"

namespace curlew {

struct Route;

/// Names and values of a query, decoded, in their order.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// A whole request that passed every check of the transport.
struct HttpRequest {
  std::string method;  ///< "GET" where a client sent HEAD: the body of the answer is then left out
  std::string path;    ///< as sent, without the query
  std::map<std::string, std::string, std::less<>> parameters;  ///< of the route's pattern, decoded
  QueryParameters query;
  HttpHeaders headers;
  MediaType content_type;  ///< one that the route takes; empty where there is no body
  std::string body;
  std::string client;      ///< its address, behind trusted proxies; for logs and limits only
  std::string request_id;  ///< its own where it sent a good one
  const Route* route = nullptr;
  TimePoint received{};  ///< when its head was complete

  /// What the body counts for against `bodies_in_memory_bytes`; who moves the body away keeps this beside it.
  std::shared_ptr<const void> body_room;

  std::string_view parameter(std::string_view name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view{} : std::string_view(found->second);
  }
};

}  // namespace curlew
