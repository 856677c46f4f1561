#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace curlew {

/// When a certificate is valid.
struct CertificateTerm {
  std::chrono::sys_seconds begin;
  std::chrono::sys_seconds end;
};

/// How long before its end a certificate is warned of.
inline constexpr std::chrono::days kExpiryNotice{14};

/// What is to be said to whoever runs the server at `now`; nothing where all is well.
std::optional<std::string> term_warning(const CertificateTerm& term, std::chrono::sys_seconds now);

/// `2026-01-31 23:59 UTC`.
std::string term_text(std::chrono::sys_seconds time);

}  // namespace curlew
