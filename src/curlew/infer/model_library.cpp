#include "curlew/infer/model_library.hpp"

#include <fmt/format.h>

#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/infer/builtin_cards.hpp"
#include "curlew/infer/early_lane.hpp"
#include "curlew/infer/model_files.hpp"
#include "curlew/infer/user_model.hpp"

namespace curlew {
namespace {

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

Result<std::unique_ptr<Lane>, ModelUnavailable> lane_of(const LoadedEngine& loaded) {
  return loaded.engine->open_lane();
}

}  // namespace

ModelLibrary::ModelLibrary(LibraryOptions options, Downloader& downloader)
    : options_(std::move(options)), shelf_(options_.folders, downloader), runtime_(options_.engine) {
  for (const ModelCard& card : builtin_cards()) known_[card.name] = {.card = card, .own = std::nullopt};
}

ModelLibrary::~ModelLibrary() {
  std::map<std::string, std::unique_ptr<Entry>> entries;
  {
    const std::scoped_lock lock(mutex_);
    entries.swap(entries_);
  }
  for (auto& [name, entry] : entries) entry->thread.request_stop();
  for (auto& [name, entry] : entries) {
    if (entry->thread.joinable()) entry->thread.join();
  }
}

Result<std::string, ModelUnavailable> ModelLibrary::add_file(const std::filesystem::path& path, Task task) {
  auto model = open_user_model(path, task);
  if (!model) return tl::make_unexpected(model.error());
  const std::scoped_lock lock(mutex_);
  std::string name = model->card.name;
  known_[name] = {.card = std::move(model->card), .own = std::move(model->files)};
  return name;
}

void ModelLibrary::preload(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  begin(name);
}

Result<LoadedEngine, ModelUnavailable> ModelLibrary::engine_of(const std::string& name) {
  std::unique_lock lock(mutex_);
  const Entry& entry = begin(name);
  loaded_.wait(lock, [&] { return entry.outcome.has_value(); });
  return *entry.outcome;
}

Result<std::unique_ptr<Lane>, ModelUnavailable> ModelLibrary::open_lane(const std::string& name) {
  std::unique_lock lock(mutex_);
  const Entry& entry = begin(name);
  loaded_.wait(lock, [&] { return entry.outcome || (options_.early_lanes && entry.known); });
  if (entry.outcome) {
    const auto outcome = *entry.outcome;
    lock.unlock();
    return outcome.and_then(lane_of);
  }
  return std::make_unique<EarlyLane>(entry.known->first, entry.known->second,
                                     [future = entry.future] { return future.get().and_then(lane_of); });
}

Result<SelfTestReport, ModelUnavailable> ModelLibrary::self_test(const std::string& name) {
  const auto model = card(name);
  if (!model) return tl::make_unexpected(model.error());
  return engine_of(name).map([&](const LoadedEngine& loaded) {
    return SelfTestReport{.answers = loaded.engine->self_test(model->self_tests), .precision = loaded.precision};
  });
}

Result<LoadReport, ModelUnavailable> ModelLibrary::wait(const std::string& name) {
  std::unique_lock lock(mutex_);
  const Entry& entry = begin(name);
  loaded_.wait(lock, [&] { return entry.outcome.has_value(); });
  if (!*entry.outcome) return tl::make_unexpected(entry.outcome->error());
  return entry.report;
}

void ModelLibrary::cancel() {
  const std::scoped_lock lock(mutex_);
  for (auto& [name, entry] : entries_) entry->thread.request_stop();
}

/// With the mutex held. An entry stays where it is until the library goes.
ModelLibrary::Entry& ModelLibrary::begin(const std::string& name) {
  auto& slot = entries_[name];
  if (slot == nullptr) {
    slot = std::make_unique<Entry>();
    Entry& entry = *slot;
    entry.thread =
        start_thread("load-" + name, [this, name, &entry](const std::stop_token& stop) { load(name, entry, stop); });
  }
  return *slot;
}

void ModelLibrary::load(const std::string& name, Entry& entry, const std::stop_token& stop) {
  LoadReport report;
  const auto began = now();
  runtime_.warm_up();
  Result<LoadedEngine, ModelUnavailable> outcome = refused("");
  try {
    outcome = known(name).and_then([&](const Known& model) -> Result<LoadedEngine, ModelUnavailable> {
      std::map<std::string, ByteCount> brought;
      const auto count = [&](const DownloadProgress& progress) {
        brought[progress.file] = progress.done;
        if (options_.on_download) options_.on_download(progress);
      };
      const auto found = find_files(model, count, stop);
      report.find_ms = to_ms(now() - began);
      for (const auto& [file, bytes] : brought) report.downloaded += bytes;
      if (!found) return tl::make_unexpected(found.error());
      if (stop.stop_requested()) return refused("loading was cancelled");
      report.model = {.name = name, .sha256 = found->sha256};
      return runtime_.load(model.card, *found,
                           [&](const InputFormat& format, const ModelId& id) { learn(entry, format, id); });
    });
  } catch (const std::exception& error) {
    // Out of memory, say: whoever waits for this model must hear of it.
    log_error("loading \"{}\": {}", name, error.what());
    outcome = refused(fmt::format("the model \"{}\" could not be loaded; the log says why", name));
  }
  report.total_ms = to_ms(now() - began);
  if (outcome) {
    report.engine = outcome->timings;
    report.labels = outcome->engine->labels();
  }
  log_info(
      "model \"{}\": {} after {:.0f} ms (files {:.0f}, read {:.0f}, compile {:.0f}, import {:.0f}, keep {:.0f}, "
      "self-test {:.0f})",
      name, outcome ? "ready" : "not to be had", report.total_ms, report.find_ms, report.engine.read_ms,
      report.engine.compile_ms, report.engine.import_ms, report.engine.keep_ms, report.engine.self_test_ms);
  const std::scoped_lock lock(mutex_);
  entry.report = report;
  entry.promised.set_value(outcome);
  entry.outcome = std::move(outcome);
  loaded_.notify_all();
}

void ModelLibrary::learn(Entry& entry, const InputFormat& format, const ModelId& model) {
  const std::scoped_lock lock(mutex_);
  entry.known.emplace(format, model);
  loaded_.notify_all();
}

Result<ModelLibrary::Known, ModelUnavailable> ModelLibrary::known(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  if (const auto model = known_.find(name); model != known_.end()) return model->second;
  std::string names;
  for (const auto& [known_name, model] : known_) names += (names.empty() ? "" : ", ") + known_name;
  return refused(
      fmt::format("there is no model \"{}\"; there are {}, or give the path of a model's file", name, names));
}

Result<FoundModel, ModelUnavailable> ModelLibrary::find_files(const Known& model, const OnDownload& progress,
                                                              const std::stop_token& stop) const {
  if (!model.own) return shelf_.find(model.card, progress, stop);
  FoundModel found = *model.own;
  const auto sum = sha256_of_network(found.network);
  if (!sum) return refused(fmt::format("{} cannot be read", found.network.filename().native()));
  found.sha256 = *sum;
  return found;
}

Result<ModelCard, ModelUnavailable> ModelLibrary::card(const std::string& name) const {
  return known(name).map([](const Known& model) { return model.card; });
}

std::vector<ModelCard> ModelLibrary::cards() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ModelCard> cards;
  cards.reserve(known_.size());
  for (const auto& [name, model] : known_) cards.push_back(model.card);
  return cards;
}

ModelStatus ModelLibrary::status(const ModelCard& card) const {
  const auto model = known(card.name);
  if (!model || !model->own) return shelf_.status(card);
  return {.name = card.name, .where = Whereabouts::kFound, .folder = model->own->network.parent_path()};
}

Result<FoundModel, ModelUnavailable> ModelLibrary::pull(const std::string& name, const std::stop_token& stop) const {
  return known(name).and_then([&](const Known& model) { return find_files(model, options_.on_download, stop); });
}

Result<std::vector<FileCheck>, ModelUnavailable> ModelLibrary::verify(const std::string& name) const {
  const auto model = known(name);
  if (!model) return tl::make_unexpected(model.error());
  if (!model->own) return shelf_.verify(model->card);
  const auto& network = model->own->network;
  const auto sum = sha256_of_network(network).value_or("");
  return std::vector<FileCheck>{{.name = network.filename().native(),
                                 .state = sum.empty() ? FileState::kMissing : FileState::kUnbound,
                                 .path = network,
                                 .sha256 = sum}};
}

}  // namespace curlew
