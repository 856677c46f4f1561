#include "curlew/spawn/child_seat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "curlew/base/log.hpp"

namespace curlew {

ChildText child_text(std::string_view text) {
  ChildText words;
  words.bytes = static_cast<std::uint16_t>(std::min(text.size(), words.text.size()));
  std::copy_n(text.begin(), words.bytes, words.text.begin());
  return words;
}

std::string printable_text(const ChildText& text) {
  std::string words(text.text.data(), std::min<std::size_t>(text.bytes, text.text.size()));
  std::ranges::replace_if(
      words, [](char c) { return c < ' ' || c > '~'; }, '?');
  return words;
}

void ChildSeat::restart() {
  child_.end();
  ready_ = false;
  if (memory_.bytes().empty()) memory_ = SharedMemory::create(options_.memory);
  auto [ours, its] = Channel::pair();
  child_ = ChildProcess(options_.command, its, memory_);
  channel_ = std::move(ours);
  // Where the child is gone already, await_ready() meets that too.
  if (!channel_.send_bytes(setup_)) log_debug("a {} ended as it began", options_.name);
}

bool ChildSeat::await_ready() {
  if (ready_) return true;
  ChildHello hello;
  const auto how = channel_.receive(hello, now() + options_.start_timeout);
  ready_ = how == Received::kMessage && hello.ready == 1;
  if (ready_) return true;
  why_not_ = how == Received::kMessage    ? printable_text(hello.why)
             : how == Received::kTimedOut ? "it does not answer"
                                          : "it ended";
  log_error("a {} is not ready: {} ({})", options_.name, why_not_, child_.end());
  return false;
}

bool ChildSeat::hand_over_bytes(std::span<const std::byte> request, std::chrono::milliseconds timeout) {
  if (!seated()) restart();
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (await_ready()) {
      child_.limit_cpu(timeout);
      deadline_ = now() + timeout;
      if (channel_.send_bytes(request)) return true;
      log_warning("a {} had ended ({}) and is replaced", options_.name, child_.end());
    }
    restart();
  }
  return false;
}

Loss ChildSeat::replace_lost(Received how) {
  const std::string end = child_.end();
  const bool too_long = how == Received::kTimedOut || end == fmt::format("signal {}", SIGXCPU);
  log_warning("a {} {} ({}) and is replaced", options_.name, too_long ? "took too long" : "ended at its work", end);
  restart();
  return too_long ? Loss::kTookTooLong : Loss::kCrashed;
}

}  // namespace curlew
