#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/core/download.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/model_shelf.hpp"
#include "curlew/infer/openvino_engine.hpp"

namespace curlew {

struct LibraryOptions {
  ShelfFolders folders;
  EngineOptions engine;
  OnDownload on_download;  ///< called from the loading threads
  /// open_lane() gives lanes of a network in the cache before it is loaded, see Lane::await().
  bool early_lanes = false;
};

/// Where the time of loading a model went, in milliseconds.
struct LoadReport {
  ModelId model;
  std::size_t labels = 0;
  double find_ms = 0;  ///< finding, downloading and hashing the files
  ByteCount downloaded = 0;
  EngineTimings engine;
  double total_ms = 0;
};

/// What a model said of the golden inputs of its card.
struct SelfTestReport {
  std::vector<SelfTestAnswer> answers;  ///< in the order of the card
  Precision precision = Precision::kDevices;
};

/// The models that there are: those of the built-in cards and the user's own; loads them and gives their lanes.
///
/// A model is loaded once, by a thread of its own; a load that failed gives its reason to everyone who asks.
/// Threads:   any.
/// Ownership: lanes may outlive it. The destructor cancels downloads and joins; nobody may be waiting in open_lane()
/// then.
class ModelLibrary final : public LaneProvider {
 public:
  /// `downloader` must outlive the library.
  ModelLibrary(LibraryOptions options, Downloader& downloader);
  ~ModelLibrary() override;

  /// Lets in a user's own network (see open_user_model); gives the name that it goes by, the card's or the file's. It
  /// takes the place of a built-in one of that name. One without a card is taken to do `task`.
  Result<std::string, ModelUnavailable> add_file(const std::filesystem::path& path, Task task);

  /// Starts loading, if that has not begun.
  void preload(const std::string& name);
  Result<std::unique_ptr<Lane>, ModelUnavailable> open_lane(const std::string& name) override;
  /// Waits until `name` is loaded, which begins now where it has not; how that went.
  Result<LoadReport, ModelUnavailable> wait(const std::string& name);
  /// Ends downloads under way: who waits for their models hears soon that these are not to be had.
  void cancel();
  /// Waits as wait() does, then asks it all golden inputs of its card; loading alone tries the first.
  Result<SelfTestReport, ModelUnavailable> self_test(const std::string& name);

  /// The card of `name`; the error names the models that there are.
  Result<ModelCard, ModelUnavailable> card(const std::string& name) const;
  /// The cards by name.
  std::vector<ModelCard> cards() const;
  ModelStatus status(const ModelCard& card) const;
  /// Brings the files of `name` here without loading it.
  Result<FoundModel, ModelUnavailable> pull(const std::string& name, const std::stop_token& stop) const;
  Result<std::vector<FileCheck>, ModelUnavailable> verify(const std::string& name) const;

 private:
  struct Known {
    ModelCard card;
    std::optional<FoundModel> own;  ///< a user's files, found already
  };
  /// A model from the moment that somebody wanted it.
  struct Entry {
    std::optional<Result<LoadedEngine, ModelUnavailable>> outcome;
    std::promise<Result<LoadedEngine, ModelUnavailable>> promised;  ///< the outcome, for early lanes
    std::shared_future<Result<LoadedEngine, ModelUnavailable>> future = promised.get_future().share();
    std::optional<std::pair<InputFormat, ModelId>> known;  ///< before there is an outcome
    LoadReport report;
    std::jthread thread;
  };
  Result<Known, ModelUnavailable> known(const std::string& name) const;
  Result<FoundModel, ModelUnavailable> find_files(const Known& model, const OnDownload& progress,
                                                  const std::stop_token& stop) const;
  Entry& begin(const std::string& name);
  /// The loaded engine of `name`, which is waited for.
  Result<LoadedEngine, ModelUnavailable> engine_of(const std::string& name);
  void load(const std::string& name, Entry& entry, const std::stop_token& stop);
  void learn(Entry& entry, const InputFormat& format, const ModelId& model);

  const LibraryOptions options_;
  const ModelShelf shelf_;
  OpenVinoRuntime runtime_;
  mutable std::mutex mutex_;  ///< guards all below
  std::condition_variable loaded_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::unique_ptr<Entry>> entries_;
};

}  // namespace curlew
