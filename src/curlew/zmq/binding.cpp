#include "curlew/zmq/binding.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

constexpr int kBacklog = 1024;
constexpr auto kRetry = std::chrono::seconds(1);
/// ZeroMQ lets go of a port some moments after it was told to: the first failure may mean no more than that.
constexpr auto kFirstRetry = std::chrono::milliseconds(50);

std::string tcp_failure(std::string_view endpoint, int error) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("{} is taken by another program; choose another port, or end that program", endpoint);
    case EACCES:
    case EPERM:
      return fmt::format("{}: ports below 1024 need a privilege; choose a higher one", endpoint);
    case EADDRNOTAVAIL:
    case ENODEV:
      return fmt::format("{}: this machine has no such address; write 127.0.0.1, or * for every address", endpoint);
    default:
      return fmt::format("{}: {}", endpoint, zmq_strerror(error));
  }
}

/// Whether new clients still find the socket; one without a file they do.
bool has_its_file(const std::string& path, const std::optional<FileIdentity>& file) {
  return !file || identity_of(path) == file;
}

void remove_file(const std::string& path, const std::optional<FileIdentity>& file) {
  if (file && identity_of(path) == file) ::unlink(path.c_str());
}

std::string address_of(zmq::socket_t& socket) { return socket.get(zmq::sockopt::last_endpoint); }

}  // namespace

Binding::Binding(zmq::socket_t& socket, std::string name) : socket_(socket), name_(std::move(name)) {
  socket_.set(zmq::sockopt::backlog, kBacklog);
}

Binding::~Binding() {
  for (const Place& place : places_) {
    remove_file(place.endpoint.ipc_path, place.file);
  }
}

void Binding::bind_all(const std::vector<std::string>& endpoints) {
  for (const std::string& text : endpoints) {
    auto endpoint = read_endpoint(text);
    if (!endpoint) throw StartupError(ExitStatus::kUsage, name_ + ": " + endpoint.error().message);
    places_.push_back({.endpoint = std::move(*endpoint)});
    if (const auto done = bind(places_.back()); !done)
      throw StartupError(done.error().status, name_ + ": " + done.error().message);
  }
  tell_addresses();
}

void Binding::rebind(const std::vector<std::string>& endpoints) {
  std::vector<Place> wanted;
  for (const std::string& text : endpoints) {
    auto endpoint = read_endpoint(text);
    if (endpoint) {
      wanted.push_back({.endpoint = std::move(*endpoint)});
    } else {
      log_warning("{}: {}", name_, endpoint.error().message);
    }
  }
  for (Place& place : wanted) {
    const auto kept =
        std::ranges::find_if(places_, [&](const Place& old) { return old.endpoint.text == place.endpoint.text; });
    if (kept == places_.end()) continue;
    // ZeroMQ would end its clients' connections if it were told to let go of it.
    place = std::move(*kept);
    place.listens = place.listens && has_its_file(place.endpoint.ipc_path, place.file);
    places_.erase(kept);
  }
  for (const Place& place : places_) unbind(place);
  places_ = std::move(wanted);
  tries_ = 0;
  retry();
}

void Binding::retry() {
  bool all = true;
  for (Place& place : places_) {
    if (place.listens) continue;
    if (const auto done = bind(place); done) {
      log_info("{}: listens at {}", name_, place.address);
    } else {
      all = false;
      if (tries_ == 1) log_warning("{}: {} (it is tried again every second)", name_, done.error().message);
    }
  }
  retry_at_ = all ? TimePoint::max() : now() + (tries_ == 0 ? Duration(kFirstRetry) : Duration(kRetry));
  ++tries_;
  tell_addresses();
}

std::vector<std::string> Binding::addresses() const {
  const std::scoped_lock lock(mutex_);
  return addresses_;
}

Result<void, Binding::Failure> Binding::bind(Place& place) {
  const std::string& path = place.endpoint.ipc_path;
  if (path.empty()) {
    auto address = bind_tcp(place.endpoint);
    if (!address) return tl::make_unexpected(address.error());
    place.address = std::move(*address);
    place.listens = true;
    return {};
  }
  auto listener = listen_at(path, kBacklog);
  if (!listener) return tl::make_unexpected(Failure{ExitStatus::kEnvironment, listener.error()});
  // ZeroMQ accepts from this socket, and closes it; the file stays ours.
  const int handed_over = ::fcntl(listener->fd.get(), F_DUPFD_CLOEXEC, 0);
  try {
    socket_.set(zmq::sockopt::use_fd, handed_over);
    socket_.bind(place.endpoint.text);
    socket_.set(zmq::sockopt::use_fd, -1);
    place.file = listener->file;
    place.address = address_of(socket_);
    place.listens = true;
    return {};
  } catch (const zmq::error_t& e) {
    socket_.set(zmq::sockopt::use_fd, -1);
    if (handed_over >= 0) ::close(handed_over);
    if (listener->file) ::unlink(path.c_str());
    return tl::make_unexpected(Failure{ExitStatus::kEnvironment, fmt::format("{}: {}", place.endpoint.text, e.what())});
  }
}

Result<std::string, Binding::Failure> Binding::bind_tcp(const Endpoint& endpoint) {
  try {
    socket_.bind(endpoint.text);
    return address_of(socket_);
  } catch (const zmq::error_t& e) {
    const bool is_text = e.num() == EINVAL || e.num() == ENODEV;
    return tl::make_unexpected(
        Failure{is_text ? ExitStatus::kUsage : ExitStatus::kEnvironment, tcp_failure(endpoint.text, e.num())});
  }
}

void Binding::unbind(const Place& place) {
  if (place.address.empty()) return;
  remove_file(place.endpoint.ipc_path, place.file);
  try {
    socket_.unbind(place.address);
  } catch (const zmq::error_t& e) {
    log_warning("{}: {} cannot be let go of: {}", name_, place.address, e.what());
  }
}

void Binding::tell_addresses() {
  const std::scoped_lock lock(mutex_);
  addresses_.clear();
  for (const Place& place : places_) {
    if (place.listens) addresses_.push_back(place.address);
  }
}

}  // namespace curlew
