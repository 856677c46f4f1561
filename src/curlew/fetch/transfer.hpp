#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/core/url.hpp"
#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/body.hpp"
#include "curlew/fetch/easy_options.hpp"
#include "curlew/fetch/easy_pool.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/fetch/resolver.hpp"

namespace curlew {

class Transfer;

/// What the transfers of one loop share; outlives them.
struct TransferShared {
  CURLM* multi;
  Resolver& resolver;
  const AddressPolicy& policy;
  const FetchOptions& options;
  EasyPool& handles;
  std::deque<Transfer*> waiting_for_room = {};  ///< whose bodies the budget has no room for; the first is served first
  std::minstd_rand random = std::minstd_rand(std::random_device{}());
};

/// The way from a URL to a body: tries, redirects, and of each hop the resolving, the verdict and the exchange.
///
/// Errors: outcome(): as of a Fetcher. Nothing it is called with throws.
/// Threads: that of the loop.
class Transfer {
 public:
  Transfer(TransferShared& shared, const Url& url, Body& body);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void begin();
  void cancel();

  /// libcurl says that the exchange has ended.
  void on_exchange_end(CURLcode code);
  /// A limit or the end of a pause may have come.
  void on_time(TimePoint at);
  TimePoint wake_at() const;
  /// Asks the budget again. False where there is still no room.
  bool try_continue();

  /// How it ended; nothing while it is under way.
  const std::optional<Result<void>>& outcome() const { return outcome_; }

 private:
  enum class Step : std::uint8_t { kResolving, kExchanging, kPausing, kEnded };
  /// What has become of the body of the answer under way.
  enum class BodyState : std::uint8_t {
    kNone,     ///< no head yet
    kDropped,  ///< of a redirect or an error: read to keep the connection, and thrown away
    kNoRoom,   ///< waits in waiting_for_room
    kTaken     ///< goes into body_
  };

  template <class Action>
  void guarded(Action&& action);
  void start_try();
  void start_hop();
  void on_answers(const Resolver::Answers& answers);
  void judge_and_dial(std::span<const IpAddress> addresses);
  bool set_up_exchange(std::span<const IpAddress> addresses);
  void on_head_complete();
  void follow_redirect();
  void judge_exchange(CURLcode code);
  std::optional<Duration> retry_after() const;
  void end_body(CURLcode code);
  void fail_try(Error error, std::optional<Duration> asked_to_wait = std::nullopt);
  void fail_exchange(Error error);
  void end(Result<void> outcome);
  void leave_step();
  void end_wait_for_room();
  std::string header(const char* name) const;

  bool on_header_line(std::string_view line);
  std::size_t on_bytes(std::span<const std::byte> bytes);
  static std::size_t header_callback(char* line, std::size_t size, std::size_t count, void* self);
  static std::size_t write_callback(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t open_socket_callback(void* self, curlsocktype purpose, curl_sockaddr* address);

  TransferShared& shared_;
  const Url first_url_;
  Body& body_;
  const TimePoint started_at_ = now();
  TimePoint deadline_;  ///< moves on while there is no room, which is no fault of the origin's
  Duration waited_for_room_{};
  Step step_ = Step::kPausing;
  TimePoint step_ends_at_ = TimePoint::max();
  int try_number_ = 0;

  // of the try
  Url url_;
  std::set<std::string> visited_;

  // of the hop
  Resolver::Ticket ticket_ = 0;
  EasyHandle easy_;
  Slist pins_;
  AnswerHead head_;
  BodyState body_state_ = BodyState::kNone;
  bool in_multi_ = false;
  std::optional<TimePoint> waits_since_;  ///< for room
  bool paused_ = false;
  bool dialled_refused_ = false;
  bool went_well_ = false;  ///< the handle may serve again
  ByteCount head_bytes_ = 0;
  ByteCount dropped_bytes_ = 0;
  std::optional<Error> stopped_by_;

  std::optional<Result<void>> outcome_;
};

}  // namespace curlew
