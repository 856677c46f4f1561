#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/error.hpp"
#include "curlew/core/url.hpp"

namespace curlew {

/// A file of this machine; only the command line makes these.
struct LocalFile {
  std::filesystem::path path;
};

/// A picture that came with its request. Its bytes are taken out by who works on the item.
struct Upload {
  std::shared_ptr<std::vector<std::byte>> bytes;  ///< never null
};

/// Where an item's picture comes from, or why it can come from nowhere.
using Source = std::variant<Url, LocalFile, Error, Upload>;

/// One picture to be named. It gets exactly one ItemResult.
struct Item {
  std::string batch;        ///< the batch's id; those of one batch take turns with those of others
  std::uint32_t index = 0;  ///< its place in the list
  std::string text;         ///< the URL or path, letter for letter as the client sent it
  Source source;
  std::string model;       ///< the name of the model that answers
  int top = 3;             ///< classify: how many predictions at most
  float threshold = 0.5F;  ///< detect: the lowest score
  bool thumbnail = false;  ///< whether the result is to hold a small picture of it
  TimePoint accepted_at = {};
};

}  // namespace curlew
