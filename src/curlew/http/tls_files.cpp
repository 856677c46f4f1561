#include "curlew/http/tls_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "curlew/base/unique_fd.hpp"

namespace curlew {
namespace {

constexpr std::size_t kStepBytes = 16384;

std::string cannot_read(std::string_view key, const std::string& path, int why) {
  const std::string reason = std::generic_category().message(why);
  const char* advice = why == EACCES ? ": let the account that runs the service read it" : "";
  return fmt::format("http.{} = \"{}\" cannot be read ({}){}", key, path, reason, advice);
}

Result<std::string, std::string> content_of(std::string_view key, const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return tl::make_unexpected(cannot_read(key, path, errno));
  std::string content;
  std::array<char, kStepBytes> step{};
  for (;;) {
    const ssize_t bytes = ::read(file.get(), step.data(), step.size());
    if (bytes < 0) return tl::make_unexpected(cannot_read(key, path, errno));
    if (bytes == 0) return content;
    content.append(step.data(), static_cast<std::size_t>(bytes));
    if (content.size() > kTlsFileBytes) {
      return tl::make_unexpected(fmt::format("http.{} = \"{}\" is larger than a PEM file can be", key, path));
    }
  }
}

}  // namespace

Result<TlsPem, std::string> read_tls_files(const TlsFiles& files) {
  if (files.certificate.empty() || files.key.empty()) {
    const bool no_key = files.key.empty();
    return tl::make_unexpected(fmt::format("http.{} needs http.{} beside it: HTTPS takes both, plain HTTP neither",
                                           no_key ? "tls_certificate" : "tls_key",
                                           no_key ? "tls_key" : "tls_certificate"));
  }
  auto certificate = content_of("tls_certificate", files.certificate);
  if (!certificate) return tl::make_unexpected(std::move(certificate.error()));
  auto key = content_of("tls_key", files.key);
  if (!key) return tl::make_unexpected(std::move(key.error()));
  return TlsPem{.certificate = std::move(*certificate), .key = std::move(*key)};
}

}  // namespace curlew
