#include <cmath>
#include <nlohmann/json.hpp>

#include "curlew/http/http_observer.hpp"

namespace curlew {

std::string access_log_line(const HttpExchange& exchange) {
  constexpr std::size_t kLongestPath = 200;  // a line is for reading
  nlohmann::ordered_json line;
  line["event"] = "http_request";
  line["request_id"] = exchange.request_id;
  line["client"] = exchange.client;
  line["method"] = exchange.method;
  line["path"] = exchange.path.substr(0, kLongestPath);
  line["route"] = exchange.route;
  line["status"] = exchange.status;
  line["bytes_in"] = exchange.body_bytes;
  line["bytes_out"] = exchange.answer_bytes;
  line["ms"] = std::round(to_ms(exchange.took) * 1000) / 1000;
  line["complete"] = exchange.complete;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace curlew
