#include "curlew/app/classify.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <future>
#include <memory>
#include <ostream>
#include <utility>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/result_printer.hpp"
#include "curlew/app/sources.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/base/cores.hpp"
#include "curlew/intake/url_list.hpp"
#include "curlew/pipeline/list_source.hpp"

namespace curlew {
namespace {

int workers_of(const Config& config) {
  if (config.infer.workers == 0) {
    throw StartupError(ExitStatus::kUsage,
                       "infer.workers = 0 leaves nobody to name the pictures; set it to 1 or more, or to -1");
  }
  return config.infer.workers > 0 ? config.infer.workers : command_line_workers(usable_cores());
}

/// One picture needs one lane. Any other number has all of them: a network is compiled, and kept, for its number of
/// lanes.
int lanes_of(int workers, std::size_t items) { return items == 1 ? 1 : workers; }

/// The model's name: that of the flag or the config; a file is let into the library first.
std::string model_name(const ClassifyCommand& command, const Config& config, ModelLibrary& library) {
  const std::string wanted = command.model.value_or(config.models.classify);
  std::error_code error;
  const bool names_file = wanted.find('/') != std::string::npos ||
                          (std::filesystem::exists(wanted, error) && !library.card(wanted).has_value());
  const auto name = names_file ? library.add_file(wanted) : Result<std::string, ModelUnavailable>(wanted);
  if (!name) throw StartupError(ExitStatus::kEnvironment, name.error().message);
  if (const auto card = library.card(*name); !card) {
    throw StartupError(ExitStatus::kEnvironment, card.error().message);
  } else if (card->task != Task::kClassify) {
    throw StartupError(ExitStatus::kUsage, fmt::format("the model {} does not classify", *name));
  }
  return *name;
}

std::vector<Item> items_of(const ClassifyCommand& command, const Config& config, const Streams& streams,
                           const std::string& model, TimePoint began) {
  const auto entries = gather_entries(command.sources, command.csv_file, config.limits.list_items, streams);
  ItemOptions options;
  options.batch = "command line";
  options.model = model;
  options.top = command.top;
  options.accepted_at = began;
  options.max_items = config.limits.list_items;
  options.is_local_file = is_local_file;
  auto items = make_items(entries, options);
  if (!items) throw StartupError(ExitStatus::kUsage, items.error().message);
  return std::move(*items);
}

/// One run: everything that lives while pictures are named, in the order in which it is built.
class ClassifyRun {
 public:
  ClassifyRun(const ClassifyCommand& command, const Environment& environment, const Streams& streams)
      : command_(command),
        streams_(streams),
        began_(now()),
        config_(configure(command.common, environment)),
        line_(streams, command.common.verbosity > 0),
        items_(items_of(command, config_, streams, "", began_)),
        workers_(lanes_of(workers_of(config_), items_.size())),
        models_(assemble_models(config_, environment, workers_, show_download(line_))),
        model_(model_name(command, config_, *models_.library)),
        fetch_(assemble_fetch(config_)) {
    for (auto& item : items_) item.model = model_;
  }

  ExitStatus run() {
    ResultPrinter printer({.format = command_.format,
                           .top = command_.top,
                           .total = items_.size(),
                           .colour = streams_.out_is_terminal ? Colour::kOn : Colour::kOff},
                          line_, model_ready_.get_future().share(), [this] { cancel(); });
    RunSummary summary = items_.empty() ? printer.counts() : name_all(printer);
    summary.total_ms = to_ms(now() - began_);
    printer.finish(summary);
    if (printer.write_failed()) return ExitStatus::kEnvironment;  // run() sees the state of stdout, and says it
    streams_.err << summary_text(summary, streams_.err_is_terminal ? Colour::kOn : Colour::kOff) << std::flush;
    if (interruption_.happened()) return ExitStatus::kInterrupted;
    return summary.failed() > 0 ? ExitStatus::kSomeFailed : ExitStatus::kOk;
  }

 private:
  RunSummary name_all(ResultPrinter& printer) {
    models_.library->preload(model_);
    ListSource source(std::move(items_));
    pipeline_ = assemble_pipeline(config_, workers_, source, fetch_, *models_.library, printer);
    interruption_.on_first([this] { cancel(); });
    pipeline_->start();
    // The first pictures are fetched while the model loads.
    const auto report = models_.library->wait(model_);
    if (!report) pipeline_->cancel();
    line_.clear();
    model_ready_.set_value(report.has_value());
    pipeline_->wait();
    interruption_.on_first([] {});  // what was done is still to be printed
    pipeline_.reset();
    if (!report && !interruption_.happened()) throw StartupError(ExitStatus::kEnvironment, report.error().message);

    RunSummary summary = printer.counts();
    if (report) {
      summary.model_ms = report->total_ms;
      summary.model_download_ms = report->downloaded > 0 ? report->find_ms : 0;
    }
    return summary;
  }

  void cancel() {
    if (pipeline_) pipeline_->cancel();
    models_.library->cancel();
  }

  const ClassifyCommand& command_;
  const Streams& streams_;
  const TimePoint began_;
  Interruption interruption_;
  const Config config_;
  StatusLine line_;
  std::vector<Item> items_;
  const int workers_;
  ModelRoom models_;
  const std::string model_;
  FetchRoom fetch_;
  std::promise<bool> model_ready_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace

ExitStatus classify(const ClassifyCommand& command, const Environment& environment, const Streams& streams) {
  return ClassifyRun(command, environment, streams).run();
}

}  // namespace curlew
