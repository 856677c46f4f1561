#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

#include "curlew/base/clock.hpp"
#include "curlew/base/error.hpp"
#include "curlew/core/url.hpp"

namespace curlew {

/// A file of this machine; only the command line makes these.
struct LocalFile {
  std::filesystem::path path;
};

/// Where an item's picture comes from, or why it can come from nowhere.
using Source = std::variant<Url, LocalFile, Error>;

/// One picture to be named. It gets exactly one ItemResult.
struct Item {
  std::string batch;        ///< the batch's id; those of one batch take turns with those of others
  std::uint32_t index = 0;  ///< its place in the list
  std::string text;         ///< the URL or path, letter for letter as the client sent it
  Source source;
  std::string model;       ///< the name of the model that answers
  int top = 3;             ///< classify: how many predictions at most
  float threshold = 0.5F;  ///< detect: the lowest score
  TimePoint accepted_at = {};
};

}  // namespace curlew
