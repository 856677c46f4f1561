#include "curlew/app/name_pictures.hpp"

#include <fmt/format.h>

#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "curlew/app/annotator.hpp"
#include "curlew/app/assemble.hpp"
#include "curlew/app/children.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/model_choice.hpp"
#include "curlew/app/model_host.hpp"
#include "curlew/app/result_printer.hpp"
#include "curlew/app/sources.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/base/cores.hpp"
#include "curlew/intake/url_list.hpp"
#include "curlew/pipeline/list_source.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

int workers_of(const Config& config) {
  if (config.infer.workers == 0) {
    throw StartupError(ExitStatus::kUsage,
                       "infer.workers = 0 leaves nobody to name the pictures; set it to 1 or more, or to -1");
  }
  return config.infer.workers > 0 ? config.infer.workers : command_line_workers(usable_cores());
}

/// One picture needs one lane.
int lanes_of(int workers, std::size_t items) { return items == 1 ? 1 : workers; }

/// A second stream costs 30 ms of a core before its first inference, and then half of 3 ms a picture: few take turns.
constexpr std::size_t kFewPictures = 16;
int streams_of(int workers, std::size_t items) { return items <= kFewPictures ? 1 : workers; }

/// Loads the model beside all that follows; without pictures none is needed.
std::unique_ptr<ModelHost> begun(std::unique_ptr<ModelHost> host, const std::vector<Item>& items) {
  if (!items.empty()) host->begin();
  return host;
}

/// What the flag or the config asks for: a name or a file.
const std::string& wanted_model(const PicturesCommand& command, const Config& config) {
  if (command.model) return *command.model;
  return command.task == Task::kClassify ? config.models.classify : config.models.detect;
}

/// The card of the model that is to answer.
ModelCard chosen_card(const PicturesCommand& command, const Config& config, ModelLibrary& library) {
  const auto card =
      choose_model(wanted_model(command, config), command.task, library).and_then([&](const std::string& name) {
        return library.card(name);
      });
  if (!card) throw StartupError(ExitStatus::kEnvironment, card.error().message);
  if (card->task != command.task) {
    throw StartupError(ExitStatus::kUsage, fmt::format("the model {} is made to {}: use `curlew {}`, or another model",
                                                       card->name, to_string(card->task), to_string(card->task)));
  }
  return *card;
}

std::vector<Item> items_of(const PicturesCommand& command, const Config& config, const Streams& streams,
                           TimePoint began) {
  const auto entries = gather_entries(command.sources, command.csv_file, config.limits.list_items, streams);
  ItemOptions options;
  options.batch = "command line";
  options.top = command.top;
  options.accepted_at = began;
  options.max_items = config.limits.list_items;
  options.is_local_file = is_local_file;
  auto items = make_items(entries, options);
  if (!items) throw StartupError(ExitStatus::kUsage, items.error().message);
  return std::move(*items);
}

std::unique_ptr<ModelHost> model_host(const PicturesCommand& command, const Config& config,
                                      const Environment& environment, ModelLibrary& library, const std::string& model,
                                      int workers) {
  if (!command.spawn) return host_here(library, model);
  SpawnedLanesOptions options;
  options.command_for = [child = lane_child(wanted_model(command, config), command.task, command.common.config_file,
                                            environment)](const std::string&) { return child; };
  options.memory = config.decode.memory_bytes;
  return host_in_children(library, model, workers, std::move(options));
}

/// One run: everything that lives while pictures are named, in the order in which it is built.
class NamingRun {
 public:
  NamingRun(const PicturesCommand& command, const Environment& environment, const Streams& streams)
      : command_(command),
        streams_(streams),
        environment_(environment),
        began_(now()),
        config_(configure(command.common, environment)),
        line_(streams, command.common.verbosity > 0),
        items_(items_of(command, config_, streams, began_)),
        workers_(lanes_of(workers_of(config_), items_.size())),
        models_(assemble_models(config_, environment, streams_of(workers_, items_.size()), show_download(line_))),
        card_(chosen_card(command, config_, *models_.library)),
        host_(begun(model_host(command, config_, environment, *models_.library, card_.name, workers_), items_)),
        fetch_(assemble_fetch(config_)) {
    for (auto& item : items_) {
      item.model = card_.name;
      item.threshold = command.threshold.value_or(card_.detection.threshold);
    }
    if (command.annotate) annotator_.emplace(*command.annotate, items_.size());
  }

  ExitStatus run() {
    ResultPrinter printer({.task = command_.task,
                           .format = command_.format,
                           .top = command_.top,
                           .total = items_.size(),
                           .colour = streams_.out_is_terminal ? Colour::kOn : Colour::kOff},
                          line_, model_ready_.get_future().share(), [this] { cancel(); });
    RunSummary summary = items_.empty() ? printer.counts() : name_all(printer);
    summary.total_ms = to_ms(now() - began_);
    printer.finish(summary);
    if (printer.write_failed()) return ExitStatus::kEnvironment;  // run() sees the state of stdout, and says it
    streams_.err << summary_text(summary, streams_.err_is_terminal ? Colour::kOn : Colour::kOff) << std::flush;
    if (annotator_) streams_.err << drawn_text() << std::flush;
    if (interruption_.happened()) return ExitStatus::kInterrupted;
    if (annotator_ && annotator_->failed() > 0) return ExitStatus::kEnvironment;
    return summary.failed() > 0 ? ExitStatus::kSomeFailed : ExitStatus::kOk;
  }

 private:
  RunSummary name_all(ResultPrinter& printer) {
    auto limits = pipeline_limits(config_, workers_);
    limits.workers = workers_;
    // Each thread has a child of its own for the network, which is too much of it; and one picture needs one thread.
    if (command_.spawn || items_.size() == 1) limits.threads_per_worker = 1;
    ListSource source(std::move(items_));
    pipeline_ = assemble_pipeline(config_, environment_, limits, source, fetch_, host_->lanes(), printer,
                                  {.observer = annotator_ ? &*annotator_ : nullptr},
                                  annotator_ ? DecodedSize::kWholePicture : DecodedSize::kNetworkInput);
    interruption_.on_first([this] { cancel(); });
    pipeline_->start();
    // The first pictures are fetched while the model loads.
    const auto cost = host_->wait();
    if (!cost) pipeline_->cancel();
    line_.clear();
    model_ready_.set_value(cost.has_value());
    pipeline_->wait();
    interruption_.on_first([] {});  // what was done is still to be printed
    pipeline_.reset();
    if (!cost && !interruption_.happened()) throw StartupError(ExitStatus::kEnvironment, cost.error().message);

    RunSummary summary = printer.counts();
    if (cost) {
      summary.model_ms = cost->total_ms;
      summary.model_download_ms = cost->download_ms;
    }
    return summary;
  }

  /// What became of the pictures with boxes, a line.
  std::string drawn_text() const {
    const std::size_t count = annotator_->written();
    std::string text = fmt::format("{} {} with boxes in {}", count, count == 1 ? "picture" : "pictures",
                                   printable(*command_.annotate));
    if (const auto why = annotator_->first_failure()) {
      text += fmt::format("; {} missing: {}", annotator_->failed(), printable(*why));
    }
    return text + '\n';
  }

  void cancel() {
    if (pipeline_) pipeline_->cancel();
    host_->cancel();
  }

  const PicturesCommand& command_;
  const Streams& streams_;
  const Environment& environment_;
  const TimePoint began_;
  Interruption interruption_;
  const Config config_;
  StatusLine line_;
  std::vector<Item> items_;
  const int workers_;
  ModelRoom models_;
  const ModelCard card_;
  const std::unique_ptr<ModelHost> host_;
  FetchRoom fetch_;
  std::optional<Annotator> annotator_;
  std::promise<bool> model_ready_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace

ExitStatus name_pictures(const PicturesCommand& command, const Environment& environment, const Streams& streams) {
  auto run = std::make_unique<NamingRun>(command, environment, streams);
  const ExitStatus status = run->run();
  // All is printed. To take networks and their library apart would cost a tenth of a short run; children, where there
  // are any, are ended in order.
  if (streams.ends_with_run && !command.spawn) static_cast<void>(run.release());
  return status;
}

}  // namespace curlew
