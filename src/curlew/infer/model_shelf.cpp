#include "curlew/infer/model_shelf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/infer/file_download.hpp"
#include "curlew/infer/model_files.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

bool is_labels(const ModelCard& card, const CardFile& file) { return card.labels && card.labels->file == file.name; }

/// The files of the network, or that of the labels.
std::vector<const CardFile*> files_of(const ModelCard& card, bool labels) {
  std::vector<const CardFile*> files;
  for (const CardFile& file : card.files) {
    if (is_labels(card, file) == labels) files.push_back(&file);
  }
  return files;
}

bool all_in(const fs::path& folder, const std::vector<const CardFile*>& files) {
  return std::ranges::all_of(files, [&](const CardFile* file) {
    std::error_code error;
    return fs::is_regular_file(folder / file->name, error);
  });
}

bool bound_and_different(const CardFile& file, const std::string& sha256) {
  return !file.sha256.empty() && file.sha256 != sha256;
}

std::string names_of(const ModelCard& card) {
  std::string names;
  for (std::size_t i = 0; i < card.files.size(); ++i) {
    names += (i == 0 ? "" : i + 1 == card.files.size() ? " and " : ", ") + card.files[i].name;
  }
  return names;
}

ModelUnavailable unavailable(const ModelCard& card, const std::string& why) {
  std::string message = fmt::format("the model \"{}\" cannot be had: {}.", card.name, why);
  if (!card.hint.empty()) message += fmt::format(" {}.", card.hint);
  message += fmt::format(" Or put {} into a folder and name it in CURLEW_MODELS.", names_of(card));
  return {message};
}

}  // namespace

ModelShelf::ModelShelf(ShelfFolders folders, Downloader& downloader)
    : folders_(std::move(folders)), downloader_(&downloader) {}

fs::path ModelShelf::cache_folder(const ModelCard& card) const {
  return folders_.cache.empty() ? fs::path() : folders_.cache / "models" / card.name;
}

std::optional<ModelShelf::Place> ModelShelf::place_of(const ModelCard& card, const Files& files) const {
  for (const fs::path& folder : folders_.search) {
    if (all_in(folder, files)) return Place{.folder = folder, .cached = false};
  }
  const fs::path cached = cache_folder(card);
  if (!cached.empty() && all_in(cached, files)) return Place{.folder = cached, .cached = true};
  return std::nullopt;
}

Result<ModelShelf::Place, ModelUnavailable> ModelShelf::bring(const ModelCard& card, const Files& files,
                                                              const OnDownload& progress,
                                                              const std::stop_token& stop) const {
  auto place = place_of(card, files);
  if (place && !place->cached) return *place;
  const fs::path folder = cache_folder(card);
  for (const CardFile* file : files) {
    const fs::path path = folder / file->name;
    const auto sum = place ? sha256_of_file(path) : std::nullopt;
    if (sum && !bound_and_different(*file, *sum)) continue;
    if (sum) {
      log_warning("{} in the model cache is damaged and is brought anew", file->name);
      std::error_code error;
      fs::remove(path, error);
    }
    if (file->sources.empty()) return tl::make_unexpected(unavailable(card, "it is not here"));
    if (folder.empty()) return tl::make_unexpected(unavailable(card, "there is no cache to download it into"));
    const auto report = [&](ByteCount done) {
      if (progress) progress({.model = card.name, .file = file->name, .done = done, .total = file->bytes});
    };
    const auto brought = download_file(*file, folder, *downloader_, report, stop);
    if (!brought) return tl::make_unexpected(unavailable(card, brought.error().message));
  }
  return Place{.folder = folder, .cached = true};
}

Result<FoundModel, ModelUnavailable> ModelShelf::find(const ModelCard& card, const OnDownload& progress,
                                                      const std::stop_token& stop) const {
  const auto network = bring(card, files_of(card, false), progress, stop);
  if (!network) return tl::make_unexpected(network.error());
  FoundModel found{.network = network->folder / card.network, .labels = std::nullopt, .sha256 = {}};
  if (card.labels) {
    const auto labels = bring(card, files_of(card, true), progress, stop);
    if (!labels) return tl::make_unexpected(labels.error());
    found.labels = labels->folder / card.labels->file;
  }
  const auto sum = sha256_of_network(found.network);
  if (!sum) return tl::make_unexpected(unavailable(card, card.network + " cannot be read"));
  found.sha256 = *sum;
  return found;
}

ModelStatus ModelShelf::status(const ModelCard& card) const {
  ModelStatus status{.name = card.name, .where = Whereabouts::kMissing, .folder = {}};
  const auto network = place_of(card, files_of(card, false));
  const bool labelled = !card.labels || place_of(card, files_of(card, true));
  if (network && labelled) {
    status.where = network->cached ? Whereabouts::kCached : Whereabouts::kFound;
    status.folder = network->folder;
  } else if (downloadable(card)) {
    status.where = Whereabouts::kDownloadable;
  }
  return status;
}

std::vector<FileCheck> ModelShelf::verify(const ModelCard& card) const {
  const auto network = place_of(card, files_of(card, false));
  const auto labels = place_of(card, files_of(card, true));
  std::vector<FileCheck> checks;
  for (const CardFile& file : card.files) {
    FileCheck check{.name = file.name, .state = FileState::kMissing, .path = {}, .sha256 = {}};
    const auto& place = is_labels(card, file) ? labels : network;
    if (place) {
      check.path = place->folder / file.name;
      check.sha256 = sha256_of_file(check.path).value_or("");
      check.state = check.sha256.empty()                      ? FileState::kMissing
                    : bound_and_different(file, check.sha256) ? FileState::kDiffers
                    : file.sha256.empty()                     ? FileState::kUnbound
                                                              : FileState::kOk;
    }
    checks.push_back(check);
  }
  return checks;
}

}  // namespace curlew
