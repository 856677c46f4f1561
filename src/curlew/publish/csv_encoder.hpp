#pragma once

#include <string>

#include "curlew/core/item_result.hpp"

namespace curlew {

/// Results of `classify` for a spreadsheet: a row an item, its predictions side by side.
///
/// `index,url,status,label,score,label_2,score_2,…,background_score,error_code,error_message,http_status,model,width,
/// height,format,bytes,queue_ms,fetch_ms,decode_ms,infer_ms,total_ms`; a cell without a value is empty. Rows end with
/// LF, and no cell holds a line end or another control character: they are escaped as printable() does. A cell that a
/// spreadsheet would run as a formula (it begins with = + - @) gets an apostrophe before it.
/// Source: RFC 4180 for the quotes; OWASP's "CSV Injection" for the apostrophe.
class CsvEncoder {
 public:
  /// `top`: how many predictions an item may have; further ones are left out.
  explicit CsvEncoder(int top);

  std::string header() const;
  std::string row(const ItemResult& result) const;

 private:
  int top_;
};

}  // namespace curlew
