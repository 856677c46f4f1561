#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/reply.hpp"
#include "curlew/wire/result_message.hpp"

namespace curlew {

/// A result and the place, among the URLs that were asked for, of the item that it belongs to.
struct PlacedResult {
  std::size_t place = 0;
  ItemResult result;
};

/// Which results of one request have come, what is to be asked for again, and when it is over. It knows neither sockets
/// nor the clock.
///
/// Of a service with batches a message is taken by its batch and its place, and what the publisher dropped is asked
/// for. Of one without, it is taken by its URL, by the first item that has that URL and no result yet; what was dropped
/// there is lost.
class PredictProgress {
 public:
  /// So long without a result of ours, and the service is asked whether there are any.
  static constexpr std::chrono::seconds kQuiet{1};
  /// So long after an answer that brought nothing, or none, before it is asked again.
  static constexpr std::chrono::seconds kPause{1};
  /// So long without a sign of the service (a new result; an answer) until it is given up.
  static constexpr std::chrono::seconds kGiveUp{60};
  static constexpr std::size_t kPage = 500;

  /// `urls` were asked for at `asked_at`; `batch`: as the service calls them, "" where it has no batches.
  PredictProgress(std::vector<std::string> urls, std::string batch, TimePoint asked_at);
  PredictProgress(const PredictProgress&) = delete;
  PredictProgress& operator=(const PredictProgress&) = delete;

  /// Takes a message that was published. Nothing where it belongs to others, or its item has its result.
  std::optional<PlacedResult> published(ResultMessage message, TimePoint at);

  /// What to ask the service for now, if anything. answered() or unanswered() is to be called with what comes of it.
  std::optional<ResultsCall> due(TimePoint at) const;

  /// The results of an answer that are new.
  std::vector<PlacedResult> answered(ResultsAnswer answer, TimePoint at);
  /// There was no answer that helps.
  void unanswered(TimePoint at);

  /// The first moment at which due() or given_up() may say something else than now.
  TimePoint next_look() const;

  std::size_t open() const { return open_; }  ///< items without a result
  bool is_open(std::size_t place) const { return items_[place].open; }
  /// Whether no result need be waited for any more although some are missing.
  bool given_up(TimePoint at) const;

 private:
  struct Asked {
    std::string url;
    bool open = true;
  };

  std::optional<std::size_t> place_by_url(const std::string& url);
  std::optional<std::size_t> place_of(const ResultMessage& message);
  void mark_sequence(std::uint32_t sequence);
  std::optional<PlacedResult> take(ResultMessage message, TimePoint at);
  bool has_gap() const { return highest_ > contiguous_; }
  /// After which sequence number the service is asked.
  std::uint32_t question() const { return std::max(next_.value_or(0), contiguous_); }

  std::vector<Asked> items_;
  std::unordered_map<std::string_view, std::deque<std::size_t>> open_by_url_;
  const std::string batch_;
  std::size_t open_;
  std::vector<bool> seen_;              ///< by sequence number, from 1 to the number of items
  std::uint32_t contiguous_ = 0;        ///< all up to this one were seen
  std::uint32_t highest_ = 0;           ///< the last that was seen
  std::optional<std::uint32_t> next_;   ///< where the last answer said that there is more
  int barren_ends_ = 0;                 ///< answers in a row that say all is done and bring nothing
  TimePoint last_result_;               ///< or when it was asked
  TimePoint last_sign_;                 ///< result or answer
  TimePoint not_before_ = TimePoint{};  ///< the next question
};

}  // namespace curlew
