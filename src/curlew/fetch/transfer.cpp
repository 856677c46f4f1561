#include "curlew/fetch/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/fetch/curl_error.hpp"
#include "curlew/fetch/retry_policy.hpp"

namespace curlew {
namespace {

Error blocked(bool is_first_hop) {
  return make_error(ErrorCode::kBlockedByPolicy,
                    is_first_hop
                        ? "the host's address is not public; whoever runs this can let its network in with allow_net"
                        : "the origin redirected to a host whose address is not public");
}

Error too_late(const FetchLimits& limits) {
  Error error = make_error(ErrorCode::kTimeout, fmt::format("it took longer than the {:g} s allowed over all tries",
                                                            to_ms(limits.total) / 1000));
  return error;
}

Error servers_silent() {
  Error error = make_error(ErrorCode::kDnsFailed, "the name servers gave no answer for the host; try again later");
  error.retryable = true;
  return error;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Transfer::Transfer(TransferShared& shared, const Url& url, Body& body)
    : shared_(shared), first_url_(url), body_(body), deadline_(started_at_ + shared.options.limits.total) {}

Transfer::~Transfer() { leave_step(); }

/// Every way in goes through here: what nobody foresaw costs this transfer, and nothing else.
template <class Action>
void Transfer::guarded(Action&& action) {
  try {
    if (step_ != Step::kEnded) action();
  } catch (const std::exception& e) {
    log_error("a transfer ended by an unforeseen exception: {}", e.what());
    end(failure(ErrorCode::kInternal, "the transfer failed for a reason of our own; the log has more"));
  }
}

void Transfer::begin() {
  guarded([this] { start_try(); });
}

void Transfer::cancel() {
  guarded([this] { end(failure(ErrorCode::kCancelled, "the transfer was cancelled")); });
}

void Transfer::start_try() {
  ++try_number_;
  url_ = first_url_;
  visited_.clear();
  start_hop();
}

void Transfer::start_hop() {
  visited_.insert(url_.text());
  if (url_.host_is_address()) {
    const auto address = parse_address(url_.host());
    if (!address) return end(failure(ErrorCode::kUrlInvalid, "the host's address is malformed"));
    return judge_and_dial(std::span(&*address, 1));
  }
  step_ = Step::kResolving;
  step_ends_at_ = now() + shared_.options.limits.resolve;
  ticket_ = shared_.resolver.resolve(
      url_.host(), [this](const Resolver::Answers& answers) { guarded([&] { on_answers(answers); }); });
}

void Transfer::on_answers(const Resolver::Answers& answers) {
  ticket_ = 0;
  if (!answers) return fail_try(answers.error());
  judge_and_dial(*answers);
}

void Transfer::judge_and_dial(std::span<const IpAddress> addresses) {
  if (!shared_.policy.allows_all(addresses)) {
    log_debug("refused by policy: {}", url_.for_log());
    return end(tl::make_unexpected(blocked(visited_.size() == 1)));
  }
  leave_step();
  if (!set_up_exchange(addresses) || curl_multi_add_handle(shared_.multi, easy_.get()) != CURLM_OK) {
    return end(failure(ErrorCode::kInternal, "the transfer could not be set up"));
  }
  in_multi_ = true;
  step_ = Step::kExchanging;
  step_ends_at_ = TimePoint::max();
}

void Transfer::on_exchange_end(CURLcode code) {
  guarded([&] {
    if (log_enabled(LogLevel::kDebug)) {
      log_debug("{}: status {}, curl code {}", url_.for_log(), head_.status, static_cast<int>(code));
    }
    went_well_ = code == CURLE_OK;
    judge_exchange(code);
  });
}

void Transfer::judge_exchange(CURLcode code) {
  if (stopped_by_) return fail_try(*std::exchange(stopped_by_, std::nullopt));
  if (dialled_refused_) return end(tl::make_unexpected(blocked(visited_.size() == 1)));
  if (body_state_ == BodyState::kNone) {
    return fail_try(error_of_curl(code == CURLE_OK ? CURLE_GOT_NOTHING : code, Progress::kBeforeHead));
  }
  if (body_state_ != BodyState::kDropped) return end_body(code);
  if (is_redirect(head_.status) && !header("Location").empty()) return follow_redirect();
  fail_try(make_http_status_error(head_.status), retry_after());
}

void Transfer::end_body(CURLcode code) {
  if (code != CURLE_OK) return fail_try(error_of_curl(code, Progress::kInBody));
  if (body_state_ == BodyState::kNoRoom) {  // ended before there was room: nothing came
    head_.length = 0;
    if (auto begun = body_.begin(head_); !begun) return fail_try(begun.error());
  }
  body_.finish();
  end({});
}

void Transfer::follow_redirect() {
  auto next = resolve_redirect(url_, header("Location"));
  if (!next) {
    return end(
        failure(ErrorCode::kUrlInvalid, "the origin redirected to a URL that is not fetched: " + next.error().message));
  }
  if (visited_.contains(next->text())) {
    return end(failure(ErrorCode::kTooManyRedirects, "the origin redirects in a circle"));
  }
  if (visited_.size() > static_cast<std::size_t>(std::max(shared_.options.limits.redirects, 0))) {
    return end(failure(ErrorCode::kTooManyRedirects,
                       fmt::format("the origin redirected more than {} times", shared_.options.limits.redirects)));
  }
  leave_step();
  url_ = std::move(*next);
  start_hop();
}

std::optional<Duration> Transfer::retry_after() const {
  if (head_.status != 429 && head_.status != 503) return std::nullopt;
  return parse_retry_after(header("Retry-After"), header("Date"), calendar_now());
}

void Transfer::on_time(TimePoint at) {
  guarded([&] {
    if (!waits_since_ && at >= deadline_) return end(tl::make_unexpected(too_late(shared_.options.limits)));
    if (at < step_ends_at_) return;
    if (step_ == Step::kResolving) return fail_try(servers_silent());
    if (step_ == Step::kPausing) start_try();
  });
}

TimePoint Transfer::wake_at() const { return waits_since_ ? step_ends_at_ : std::min(deadline_, step_ends_at_); }

void Transfer::end_wait_for_room() {
  if (!waits_since_) return;
  const Duration waited = now() - *std::exchange(waits_since_, std::nullopt);
  waited_for_room_ += waited;
  deadline_ += waited;
}

bool Transfer::try_continue() {
  bool settled = true;
  guarded([&] {
    const auto room = body_.begin(head_);
    if (!room) {
      fail_try(room.error());
    } else if (*room == Body::Room::kNone) {
      settled = false;
    } else {
      body_state_ = BodyState::kTaken;
      end_wait_for_room();
      if (!std::exchange(paused_, false)) return;
      // This may write, and a failure to write shows here only: libcurl does not end the transfer for it.
      const CURLcode code = curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
      if (code != CURLE_OK) judge_exchange(code);
    }
  });
  return settled;
}

void Transfer::fail_try(Error error, std::optional<Duration> asked_to_wait) {
  leave_step();
  body_.reset();
  const FetchLimits& limits = shared_.options.limits;
  const FailedTry failed{.number = try_number_,
                         .tries = limits.tries,
                         .error = error,
                         .retry_after = asked_to_wait,
                         .elapsed = now() - started_at_ - waited_for_room_,
                         .total = limits.total};
  const auto wait = wait_before_retry(failed, std::uniform_real_distribution<double>(0.0, 1.0)(shared_.random));
  if (!wait) return end(tl::make_unexpected(std::move(error)));
  log_debug("{}: {}; once more in {:.0f} ms", first_url_.for_log(), error.message, to_ms(*wait));
  step_ = Step::kPausing;
  step_ends_at_ = now() + *wait;
}

void Transfer::end(Result<void> outcome) {
  leave_step();
  if (!outcome) body_.reset();
  step_ = Step::kEnded;
  outcome_ = std::move(outcome);
}

/// Lets go of whatever the step under way holds elsewhere: a question, a place in the multi, one in the queue for room.
void Transfer::leave_step() {
  if (ticket_ != 0) shared_.resolver.cancel(std::exchange(ticket_, 0));
  if (in_multi_) curl_multi_remove_handle(shared_.multi, easy_.get());
  in_multi_ = false;
  if (std::exchange(went_well_, false)) shared_.handles.give_back(std::move(easy_));
  std::erase(shared_.waiting_for_room, this);
  end_wait_for_room();
}

}  // namespace curlew
