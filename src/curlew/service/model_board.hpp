#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "curlew/core/task.hpp"

namespace curlew {

/// What clients are told of a model.
struct ModelFacts {
  enum class State : std::uint8_t {
    kIdle,     ///< loaded when somebody asks for it
    kLoading,  ///< on its way
    kReady,    ///< has passed its self-test
    kUnavailable
  };
  std::string name;
  Task task = Task::kClassify;
  std::string title;
  std::string licence;
  std::string source = {};  ///< where its file comes from; "" where it is built or the user's own
  std::string sha256 = {};  ///< of the file in use; "" before it is loaded
  std::size_t labels = 0;   ///< 0 before it is loaded
  float threshold = 0.5F;   ///< detect: where nobody asks for another
  State state = State::kIdle;
};

/// The models that the service can be asked for.
///
/// Threads: any; quick.
class ModelBoard {
 public:
  ModelBoard() = default;
  ModelBoard(const ModelBoard&) = delete;
  ModelBoard& operator=(const ModelBoard&) = delete;
  virtual ~ModelBoard() = default;

  /// By name.
  virtual std::vector<ModelFacts> models() const = 0;
  /// The one of that name.
  virtual std::optional<ModelFacts> find(const std::string& name) const = 0;
  /// The one that answers where a request names none; nothing where the config's is unknown here.
  virtual std::optional<ModelFacts> default_of(Task task) const = 0;
};

}  // namespace curlew
