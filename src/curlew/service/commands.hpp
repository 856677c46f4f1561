#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "curlew/core/frames.hpp"
#include "curlew/core/task.hpp"
#include "curlew/service/announcer.hpp"
#include "curlew/service/backend.hpp"
#include "curlew/service/errands.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/service/service_state.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/reply.hpp"

namespace curlew {

/// Does what is asked over ZeroMQ, and always answers.
///
/// Threads: any.
class Commands {
 public:
  /// To be called once, on any thread.
  using Reply = std::function<void(Frames)>;

  struct Parts {
    Backend& backend;
    const ModelBoard& board;
    const ServiceState& state;
    Announcer& announcer;
    Errands& errands;
    CommandRules rules;
    Task task = Task::kDetect;               ///< of a predict that does not say
    std::function<void()> taken = {};        ///< a batch was taken; for metrics
    std::function<void()> turned_away = {};  ///< one was not, since the service drains or is full
    std::function<void(int)> quit = {};      ///< ends the service with that status
  };

  /// Ownership: all parts outlive it, and the errands it has given.
  explicit Commands(Parts parts) : parts_(std::move(parts)) {}

  /// Cost: below a millisecond; what is long or waits for a store becomes an errand.
  void handle(Frames request, const Reply& reply) const;

 private:
  void act(const CommandRequest& request, const Reply& reply) const;
  void elsewhere(const std::optional<MessageId>& id, const Reply& reply, std::function<CommandAnswer()> work) const;
  CommandAnswer predict(const PredictCall& call) const;
  CommandAnswer results(const ResultsCall& call) const;

  const Parts parts_;
};

/// A page of results as a reply has it, cut where it would become larger than some hundred KiB.
ResultsAnswer results_answer(ResultPage page);

}  // namespace curlew
