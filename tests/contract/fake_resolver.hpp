#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "curlew/fetch/resolver.hpp"

namespace curlew::testing_origin {

/// What a FakeResolver answers; a test may change it and look at it while the fetcher runs.
class Names {
 public:
  /// The answers to the questions for `host`, one after the other; the last one stays.
  void set_in_turn(const std::string& host, std::deque<Resolver::Answers> answers) {
    const std::scoped_lock lock(mutex_);
    answers_[host] = std::move(answers);
  }
  void set(const std::string& host, const std::vector<std::string>& addresses) {
    std::vector<IpAddress> parsed;
    for (const std::string& address : addresses) parsed.push_back(parse_address(address).value());
    set_in_turn(host, std::deque<Resolver::Answers>{parsed});
  }
  /// No answer ever comes for `host`.
  void set_silent(const std::string& host) { set_in_turn(host, std::deque<Resolver::Answers>{}); }

  int questions(const std::string& host) {
    const std::scoped_lock lock(mutex_);
    return questions_[host];
  }

 private:
  friend class FakeResolver;
  /// Nothing where no answer is to come.
  std::optional<Resolver::Answers> answer(const std::string& host) {
    const std::scoped_lock lock(mutex_);
    ++questions_[host];
    const auto found = answers_.find(host);
    if (found == answers_.end()) {
      Error error = make_error(ErrorCode::kDnsFailed, "the host's name has no address");
      return tl::make_unexpected(std::move(error));
    }
    if (found->second.empty()) return std::nullopt;
    Resolver::Answers next = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return next;
  }

  std::mutex mutex_;
  std::map<std::string, std::deque<Resolver::Answers>> answers_;
  std::map<std::string, int> questions_;
};

/// Answers from `names`, at the next process().
class FakeResolver : public Resolver {
 public:
  explicit FakeResolver(std::shared_ptr<Names> names) : names_(std::move(names)) {}

  Ticket resolve(const std::string& host, Done done) override {
    const Ticket ticket = ++last_ticket_;
    if (auto answers = names_->answer(host)) ready_.emplace(ticket, std::pair(std::move(done), std::move(*answers)));
    return ticket;
  }
  void cancel(Ticket ticket) override { ready_.erase(ticket); }
  void add_sockets(std::vector<pollfd>& /*sockets*/) override {}
  std::optional<TimePoint> wake_at() const override {
    return ready_.empty() ? std::nullopt : std::optional<TimePoint>(now());
  }
  void process(std::span<const pollfd> /*polled*/) override {
    while (!ready_.empty()) {
      auto ready = ready_.extract(ready_.begin());
      ready.mapped().first(std::move(ready.mapped().second));
    }
  }

 private:
  std::shared_ptr<Names> names_;
  Ticket last_ticket_ = 0;
  std::map<Ticket, std::pair<Done, Answers>> ready_;
};

}  // namespace curlew::testing_origin
