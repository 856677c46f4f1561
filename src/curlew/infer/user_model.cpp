#include "curlew/infer/user_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "curlew/infer/model_files.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kKinds = {".tflite", ".onnx", ".xml"};

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

bool is_kind(const fs::path& path) { return std::ranges::find(kKinds, path.extension().native()) != kKinds.end(); }

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The path with neither a last slash nor dots in it, so that it has a stem.
fs::path tidied(const fs::path& path) {
  fs::path tidy = path.lexically_normal();
  return tidy.has_filename() ? tidy : tidy.parent_path();
}

std::string name_from(const std::string& stem) {
  std::string name = stem.substr(0, 64);
  std::ranges::replace_if(
      name, [](char c) { return !is_model_name(std::string("x") + c); }, '-');
  return is_model_name(name) ? name : "model";
}

Result<ModelCard, ModelUnavailable> card_beside(const fs::path& stem, Task task) {
  fs::path path = stem;
  path += ".toml";
  if (!is_file(path)) {
    ModelCard card;
    card.name = name_from(stem.filename());
    card.task = task;
    return card;
  }
  const auto text = read_small_file(path, kMaxCardBytes);
  if (!text)
    return refused(fmt::format("{} cannot be read, or is larger than a card may be", path.filename().native()));
  auto card = parse_model_card(*text);
  if (!card) return refused(fmt::format("{}: {}", path.filename().native(), card.error().message));
  return card;
}

/// The folders in which labels may lie: beside the network, and inside a SavedModel.
std::array<fs::path, 2> label_folders(const fs::path& network) { return {network.parent_path(), network}; }

std::optional<fs::path> find_labels(const fs::path& network, const fs::path& stem, const ModelCard& card) {
  std::vector<std::string> names = {stem.filename().native() + ".txt", "labels.txt"};
  if (card.labels && !card.labels->file.empty()) names = {card.labels->file};
  for (const std::string& name : names) {
    for (const fs::path& folder : label_folders(network)) {
      if (is_file(folder / name)) return folder / name;
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_model_path(const std::string& text) { return text.find('/') != std::string::npos || is_kind(text); }

Result<UserModel, ModelUnavailable> open_user_model(const fs::path& path, Task task) {
  const fs::path network = tidied(path);
  const std::string shown = network.filename().native();
  const bool saved_model = is_file(network / "saved_model.pb");
  std::error_code error;
  if (!fs::exists(network, error)) return refused(fmt::format("there is no model file {}", shown));
  if (!saved_model && (!is_file(network) || !is_kind(network))) {
    return refused(fmt::format(
        "{} is not a model that can be read: it must be a .tflite, .onnx or .xml file, or the folder of a SavedModel",
        shown));
  }
  const fs::path stem = saved_model ? network : fs::path(network).replace_extension();
  auto card = card_beside(stem, task);
  if (!card) return tl::make_unexpected(card.error());
  auto labels = find_labels(network, stem, *card);
  if (card->labels && card->labels->names.empty() && !labels)
    return refused(fmt::format("{} is not beside {}", card->labels->file, shown));
  return UserModel{.card = *card, .files = {.network = network, .labels = labels, .sha256 = {}}};
}

}  // namespace curlew
