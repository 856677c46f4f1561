#include "curlew/zmq/endpoint.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "curlew/base/unique_fd.hpp"
#include "curlew/zmq/ipc_listener.hpp"

namespace curlew {
namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

tl::unexpected<EndpointError> wrong(std::string_view text, std::string_view why) {
  return tl::make_unexpected(EndpointError{fmt::format("\"{}\" is no place to listen at: {}", text, why)});
}

Result<Endpoint, EndpointError> read_tcp(std::string_view text) {
  const std::string_view place = text.substr(kTcp.size());
  const std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) return wrong(text, "the port is missing; write it like tcp://127.0.0.1:56854");
  std::string_view host = place.substr(0, colon);
  std::string_view port = place.substr(colon + 1);
  if (host.empty()) return wrong(text, "the address is missing; write 127.0.0.1, or * for every address");
  if (host != "*" && !std::ranges::all_of(host, is_host_character))
    return wrong(text, "before the port stands an IPv4 address of this machine, the name of an interface, or *");
  if (port != "*" && !is_port(port)) return wrong(text, "the port is a number up to 65535, or * for a free one");
  if (host == "localhost") host = "127.0.0.1";  // ZeroMQ asks nobody for names of its own machine
  if (port == "0") port = "*";
  return Endpoint{fmt::format("{}{}:{}", kTcp, host, port), ""};
}

Result<Endpoint, EndpointError> read_ipc(std::string_view text) {
  const std::string_view path = text.substr(kIpc.size());
  if (path.empty() || path == "@") return wrong(text, "the path is missing; write it like ipc:///run/curlew/rep.sock");
  if (path == "*") return wrong(text, "clients could not know the path; write it like ipc:///run/curlew/rep.sock");
  if (path.find('\0') != std::string_view::npos) return wrong(text, "a path has no zero bytes");
  if (path.size() > kMaxIpcPathBytes) {
    return wrong(text, fmt::format("its path has {} bytes, and {} are the limit; choose a shorter one", path.size(),
                                   kMaxIpcPathBytes));
  }
  return Endpoint{std::string(text), std::string(path)};
}

}  // namespace

Result<Endpoint, EndpointError> read_endpoint(std::string_view text) {
  if (text.starts_with(kTcp)) return read_tcp(text);
  if (text.starts_with(kIpc)) return read_ipc(text);
  return wrong(text, "it begins with tcp:// or ipc://");
}

std::string connect_address(const Endpoint& endpoint) {
  for (const std::string_view every : {"tcp://*:", "tcp://0.0.0.0:"}) {
    if (endpoint.text.starts_with(every)) return "tcp://127.0.0.1:" + endpoint.text.substr(every.size());
  }
  return endpoint.text;
}

bool is_ipc_in_use(const std::string& path) {
  if (path.empty() || path.size() > kMaxIpcPathBytes) return false;
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.ok()) return false;
  const IpcAddress address(path);
  if (::connect(fd.get(), address.get(), address.size()) == 0) return true;
  switch (errno) {
    case ECONNREFUSED:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
      return false;
    default:
      return true;  // it is busy, or somebody else's; in doubt it is left alone
  }
}

}  // namespace curlew
