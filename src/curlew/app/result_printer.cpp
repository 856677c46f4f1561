#include "curlew/app/result_printer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "curlew/publish/json_encoder.hpp"
#include "curlew/publish/progress_bar.hpp"
#include "curlew/publish/text_encoder.hpp"

namespace curlew {
namespace {

bool is_cancelled(const ItemResult& result) {
  const auto* error = std::get_if<Error>(&result.outcome);
  return error != nullptr && error->code == ErrorCode::kCancelled;
}

}  // namespace

ResultPrinter::ResultPrinter(const Options& options, StatusLine& line, std::shared_future<bool> model_ready,
                             std::function<void()> on_write_failed)
    : options_(options),
      line_(line),
      model_ready_(std::move(model_ready)),
      on_write_failed_(std::move(on_write_failed)),
      csv_(make_csv_encoder(options.task, options.top)) {
  counts_.total = options.total;
}

void ResultPrinter::deliver(const ItemResult& result) {
  if (!model_ready_.get()) return;
  counts_.add(result);
  if (!is_cancelled(result)) {
    switch (options_.format) {
      case OutputFormat::kText:
        write(encode_text(result, options_.colour));
        break;
      case OutputFormat::kNdjson:
        write(encode_ndjson(result));
        break;
      case OutputFormat::kCsv:
        if (!std::exchange(header_written_, true)) write(csv_->header());
        write(csv_->rows(result));
        break;
      case OutputFormat::kJson:
        kept_.push_back(result);
        break;
    }
  }
  line_.show(progress_line({.done = counts_.ok + counts_.failed(), .total = counts_.total, .failed = counts_.failed()},
                           line_.width()));
}

void ResultPrinter::finish(const RunSummary& summary) {
  line_.clear();
  if (options_.format == OutputFormat::kCsv && !header_written_) write(csv_->header());
  if (options_.format != OutputFormat::kJson) return;
  std::sort(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  write(encode_json_run(kept_, summary));
}

void ResultPrinter::write(const std::string& text) {
  if (write_failed_ || line_.write_out(text)) return;
  write_failed_ = true;
  on_write_failed_();
}

}  // namespace curlew
