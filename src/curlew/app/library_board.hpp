#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "curlew/infer/model_library.hpp"
#include "curlew/service/model_board.hpp"

namespace curlew {

/// What clients are told of the models of a library.
///
/// Threads: any.
class LibraryBoard final : public ModelBoard {
 public:
  /// Who loads the models.
  enum class Loaded : std::uint8_t {
    kHere,
    kElsewhere  ///< workers in other processes: whether they have a model is not known here
  };

  /// `classify`, `detect`: the names of the models that answer where a request names none; "" where there is none.
  /// Ownership: the library outlives it.
  LibraryBoard(ModelLibrary& library, std::string classify, std::string detect, Loaded loaded = Loaded::kHere);

  std::vector<ModelFacts> models() const override;
  std::optional<ModelFacts> find(const std::string& name) const override;
  std::optional<ModelFacts> default_of(Task task) const override;

  /// Waits for a model, and keeps how it went; whether it is ready.
  bool await(const std::string& name);

 private:
  ModelFacts facts_of(const ModelCard& card) const;

  ModelLibrary& library_;
  const std::string classify_;
  const std::string detect_;
  const bool elsewhere_;
  mutable std::mutex mutex_;
  std::map<std::string, std::optional<LoadReport>> loaded_;  ///< nothing: it is not to be had
  std::map<std::string, bool> loading_;
};

}  // namespace curlew
