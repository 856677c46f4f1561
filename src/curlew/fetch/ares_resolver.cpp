#include "curlew/fetch/ares_resolver.hpp"

#include <ares.h>

#include <algorithm>
#include <array>
#include <climits>
#include <map>
#include <unordered_map>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/fetch/name_cache.hpp"

namespace curlew {
namespace {

constexpr std::size_t kCachedNames = 1024;
constexpr std::chrono::seconds kLongestCached{60};
/// After this /etc/resolv.conf is read anew, so that a changed network is noticed.
constexpr std::chrono::seconds kChannelAge{60};

tl::unexpected<Error> dns_error(int status) {
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME) {
    return failure(ErrorCode::kDnsFailed, "the host's name has no address; check how it is spelled");
  }
  Error error = make_error(ErrorCode::kDnsFailed, "the name servers gave no answer for the host; try again later");
  error.retryable = true;
  return tl::make_unexpected(std::move(error));
}

struct Found {
  std::vector<IpAddress> addresses;
  std::chrono::seconds time_to_live{INT_MAX};
};

Found read_answer(const ares_addrinfo& answer) {
  Found found;
  for (const ares_addrinfo_node* node = answer.nodes; node != nullptr; node = node->ai_next) {
    if (const auto address = address_of(*node->ai_addr)) {
      found.addresses.push_back(*address);
      found.time_to_live = std::min(found.time_to_live, std::chrono::seconds(node->ai_ttl));
    }
  }
  for (const ares_addrinfo_cname* alias = answer.cnames; alias != nullptr; alias = alias->next) {
    found.time_to_live = std::min(found.time_to_live, std::chrono::seconds(alias->ttl));
  }
  return found;
}

}  // namespace

class AresResolver::Impl {
 public:
  explicit Impl(const AresOptions& options) : options_(options), cache_(kCachedNames, kLongestCached) {
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS || !open()) {
      throw StartupError(ExitStatus::kEnvironment, "names cannot be resolved: c-ares did not start");
    }
  }
  ~Impl() {
    waiting_.clear();  // so that ending the channel answers nobody
    ares_destroy(channel_);
    ares_library_cleanup();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Ticket resolve(const std::string& host, Done done) {
    const Ticket ticket = ++last_ticket_;
    if (auto known = cache_.find(host, now())) {
      ready_.emplace(ticket, Ready{std::move(done), std::move(*known)});
      return ticket;
    }
    const bool asked = waiting_.contains(host);
    waiting_[host].emplace(ticket, std::move(done));
    if (!asked) ask(host);
    return ticket;
  }

  void cancel(Ticket ticket) {
    ready_.erase(ticket);
    // A question whose last asker is gone runs on, bounded by its tries; its answer still feeds the cache.
    for (auto& [host, waiters] : waiting_) waiters.erase(ticket);
  }

  void add_sockets(std::vector<pollfd>& sockets) const {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> open{};
    const auto bits = static_cast<unsigned>(ares_getsock(channel_, open.data(), static_cast<int>(open.size())));
    for (unsigned i = 0; i < open.size(); ++i) {
      const bool read = ARES_GETSOCK_READABLE(bits, i) != 0;
      const bool write = ARES_GETSOCK_WRITABLE(bits, i) != 0;
      if (!read && !write) continue;
      sockets.push_back(pollfd{
          .fd = open[i], .events = static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0)), .revents = 0});
    }
  }

  std::optional<TimePoint> wake_at() const {
    if (!ready_.empty()) return now();
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) return std::nullopt;
    return now() + std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
  }

  void process(std::span<const pollfd> polled) {
    for (const pollfd& socket : polled) {
      const bool failed = (socket.revents & (POLLERR | POLLHUP)) != 0;  // reading tells c-ares what is wrong
      const bool read = failed || (socket.revents & POLLIN) != 0;
      const bool write = (socket.revents & POLLOUT) != 0;
      if (read || write)
        ares_process_fd(channel_, read ? socket.fd : ARES_SOCKET_BAD, write ? socket.fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what took too long
    const Ticket newest = last_ticket_;  // what is asked by those who get their answer now waits for the next call
    while (!ready_.empty() && ready_.begin()->first <= newest) {
      auto ready = ready_.extract(ready_.begin());
      ready.mapped().done(std::move(ready.mapped().answers));
    }
  }

 private:
  struct Ready {
    Done done;
    Answers answers;
  };
  struct Question {
    Impl* asker;
    std::string host;
  };

  bool open() {
    ares_options settings{};
    std::string lookups = "fb";  // files, then name servers
    settings.timeout = static_cast<int>(options_.try_for.count());
    settings.tries = options_.tries;
    settings.lookups = lookups.data();
    const int chosen = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
    if (ares_init_options(&channel_, &settings, chosen) != ARES_SUCCESS) return false;
    opened_at_ = now();
    if (options_.servers.empty()) return true;
    return ares_set_servers_ports_csv(channel_, options_.servers.c_str()) == ARES_SUCCESS;
  }

  void ask(const std::string& host) {
    if (asked_ == 0 && now() - opened_at_ > kChannelAge) {
      ares_channel const old = channel_;
      if (open()) {
        ares_destroy(old);
      } else {
        channel_ = old;
      }
    }
    ++asked_;
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;  // else each address comes once a socket type
    auto question = std::make_unique<Question>(Question{this, host});
    ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &Impl::on_answer, question.release());
  }

  static void on_answer(void* context, int status, int /*timeouts*/, ares_addrinfo* answer) {
    const std::unique_ptr<Question> question(static_cast<Question*>(context));
    Impl& self = *question->asker;
    --self.asked_;
    Found found;
    if (answer != nullptr) {
      if (status == ARES_SUCCESS) found = read_answer(*answer);
      ares_freeaddrinfo(answer);
    }
    if (status == ARES_EDESTRUCTION) return;
    if (!found.addresses.empty()) self.cache_.put(question->host, found.addresses, found.time_to_live, now());
    if (found.addresses.empty()) log_debug("no address for {}: c-ares status {}", question->host, status);
    auto waiters = self.waiting_.extract(question->host);
    if (waiters.empty()) return;
    for (auto& [ticket, done] : waiters.mapped()) {
      if (found.addresses.empty()) {
        self.ready_.emplace(ticket, Ready{done, dns_error(status == ARES_SUCCESS ? ARES_ENODATA : status)});
      } else {
        self.ready_.emplace(ticket, Ready{done, found.addresses});
      }
    }
  }

  AresOptions options_;
  NameCache cache_;
  ares_channel channel_ = nullptr;
  TimePoint opened_at_;
  int asked_ = 0;  // questions under way
  Ticket last_ticket_ = 0;
  std::unordered_map<std::string, std::map<Ticket, Done>> waiting_;
  std::map<Ticket, Ready> ready_;
};

AresResolver::AresResolver(const AresOptions& options) : impl_(std::make_unique<Impl>(options)) {}
AresResolver::~AresResolver() = default;

Resolver::Ticket AresResolver::resolve(const std::string& host, Done done) {
  return impl_->resolve(host, std::move(done));
}
void AresResolver::cancel(Ticket ticket) { impl_->cancel(ticket); }
void AresResolver::add_sockets(std::vector<pollfd>& sockets) { impl_->add_sockets(sockets); }
std::optional<TimePoint> AresResolver::wake_at() const { return impl_->wake_at(); }
void AresResolver::process(std::span<const pollfd> polled) { impl_->process(polled); }

}  // namespace curlew
