#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "curlew/app/command_line.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/publish/csv_encoder.hpp"
#include "curlew/publish/result_sink.hpp"
#include "curlew/publish/summary.hpp"

namespace curlew {

/// Writes results to stdout as the format has it: text and ndjson as they come, csv too, json as a whole in the list's
/// order. Cancelled items are counted, not written. Nothing is written before `model_ready` says so: where the model is
/// not to be had, stdout stays empty.
///
/// Threads: deliver on the result thread; finish afterwards.
class ResultPrinter : public ResultSink {
 public:
  struct Options {
    Task task = Task::kClassify;
    OutputFormat format = OutputFormat::kText;
    int top = 3;
    std::size_t total = 0;
    Colour colour = Colour::kOff;
  };

  /// `on_write_failed` is called once, on the result thread, when stdout takes no more.
  ResultPrinter(const Options& options, StatusLine& line, std::shared_future<bool> model_ready,
                std::function<void()> on_write_failed);

  void deliver(const ItemResult& result) override;

  /// Writes what comes last (json: everything). `summary` is counts() with the times filled in.
  void finish(const RunSummary& summary);

  /// What has been delivered so far.
  const RunSummary& counts() const { return counts_; }
  bool write_failed() const { return write_failed_; }

 private:
  void write(const std::string& text);

  const Options options_;
  StatusLine& line_;
  std::shared_future<bool> model_ready_;
  std::function<void()> on_write_failed_;
  const std::unique_ptr<CsvEncoder> csv_;
  RunSummary counts_;
  std::vector<ItemResult> kept_;  ///< json only
  bool header_written_ = false;
  bool write_failed_ = false;
};

}  // namespace curlew
