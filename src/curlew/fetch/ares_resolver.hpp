#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "curlew/fetch/resolver.hpp"

namespace curlew {

/// How names are asked for.
struct AresOptions {
  std::string servers;                      ///< "address:port,…"; "": those of /etc/resolv.conf
  std::chrono::milliseconds try_for{1500};  ///< how long a server may take before it is asked again, or the next one is
  int tries = 3;                            ///< of each server
};

/// Resolves by c-ares: /etc/hosts first, then the name servers. Answers are kept for their time to live, at most 60 s;
/// several that wait for one name share one question.
///
/// Errors: as of a Resolver. The constructor throws StartupError where c-ares cannot start.
class AresResolver : public Resolver {
 public:
  explicit AresResolver(const AresOptions& options = {});
  ~AresResolver() override;

  Ticket resolve(const std::string& host, Done done) override;
  void cancel(Ticket ticket) override;
  void add_sockets(std::vector<pollfd>& sockets) override;
  std::optional<TimePoint> wake_at() const override;
  void process(std::span<const pollfd> polled) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace curlew
