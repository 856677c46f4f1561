#pragma once

#include <memory>
#include <string>

#include "curlew/core/item_result.hpp"
#include "curlew/core/task.hpp"

namespace curlew {

/// Results for a spreadsheet; see make_csv_encoder().
class CsvEncoder {
 public:
  CsvEncoder() = default;
  CsvEncoder(const CsvEncoder&) = delete;
  CsvEncoder& operator=(const CsvEncoder&) = delete;
  virtual ~CsvEncoder() = default;

  virtual std::string header() const = 0;
  /// The rows of one item.
  virtual std::string rows(const ItemResult& result) const = 0;
};

/// A cell without a value is empty. Rows end with LF, and no cell holds a line end or another control character: they
/// are escaped as printable() does. A cell that a spreadsheet would run as a formula (it begins with = + - @) gets an
/// apostrophe before it.
///
/// classify: a row an item, its predictions side by side, at most `top`:
/// `index,url,status,label,score,label_2,score_2,…,background_score,error_code,error_message,http_status,model,width,
/// height,format,bytes,queue_ms,fetch_ms,decode_ms,infer_ms,total_ms`.
///
/// detect: a row an object, and one without an object for an item that has none or failed:
/// `index,url,status,label,score,x1,y1,x2,y2,error_code,…`, the rest as above. Boxes in pixels of the upright picture.
///
/// Source: RFC 4180 for the quotes; OWASP's "CSV Injection" for the apostrophe.
std::unique_ptr<CsvEncoder> make_csv_encoder(Task task, int top);

}  // namespace curlew
