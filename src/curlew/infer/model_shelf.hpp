#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/download.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"

namespace curlew {

/// Where models lie.
struct ShelfFolders {
  std::vector<std::filesystem::path> search;  ///< looked through in this order; never written
  std::filesystem::path cache;                ///< downloads go to cache/models/NAME/; empty: none are made
};

/// A model whose files are here.
struct FoundModel {
  std::filesystem::path network;  ///< a file, or a SavedModel's folder
  std::optional<std::filesystem::path> labels;
  std::string sha256;  ///< what sha256_of_network says of it
};

/// How far a download is.
struct DownloadProgress {
  std::string model;
  std::string file;
  ByteCount done = 0;
  ByteCount total = 0;
};
using OnDownload = std::function<void(const DownloadProgress&)>;

enum class Whereabouts : std::uint8_t {
  kFound,         ///< in one of the search folders, or a user's own
  kCached,        ///< downloaded before
  kDownloadable,  ///< not here; the card has sources
  kMissing        ///< not here, and from nowhere to be had
};

struct ModelStatus {
  std::string name;
  Whereabouts where = Whereabouts::kMissing;
  std::filesystem::path folder;  ///< of the network, where it is here
};

enum class FileState : std::uint8_t {
  kOk,       ///< as the card says
  kUnbound,  ///< here; the card has no checksum for it
  kDiffers,  ///< here, but not the file that the card names
  kMissing
};

struct FileCheck {
  std::string name;
  FileState state = FileState::kMissing;
  std::filesystem::path path;  ///< where it is here
  std::string sha256;          ///< what is here
};

/// Finds the files of models: in the search folders by their names, in the cache, or by download into it.
///
/// The card's SHA-256 binds what is downloaded: a cached file that differs is deleted and brought anew. A file that was
/// found in a search folder is used as it is. All files of a network come from one folder; its labels may lie in
/// another.
///
/// Threads: any; find() may block for a download.
class ModelShelf {
 public:
  /// `downloader` must outlive the shelf.
  ModelShelf(ShelfFolders folders, Downloader& downloader);

  /// Errors: says which files are wanted and how to get them.
  Result<FoundModel, ModelUnavailable> find(const ModelCard& card, const OnDownload& progress,
                                            const std::stop_token& stop) const;
  ModelStatus status(const ModelCard& card) const;
  /// Cost: reads every file of the model.
  std::vector<FileCheck> verify(const ModelCard& card) const;

 private:
  using Files = std::vector<const CardFile*>;
  struct Place {
    std::filesystem::path folder;
    bool cached = false;
  };
  std::filesystem::path cache_folder(const ModelCard& card) const;
  std::optional<Place> place_of(const ModelCard& card, const Files& files) const;
  Result<Place, ModelUnavailable> bring(const ModelCard& card, const Files& files, const OnDownload& progress,
                                        const std::stop_token& stop) const;

  ShelfFolders folders_;
  Downloader* downloader_;
};

}  // namespace curlew
