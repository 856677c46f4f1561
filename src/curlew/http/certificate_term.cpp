#include "curlew/http/certificate_term.hpp"

#include <fmt/format.h>

namespace curlew {

std::string term_text(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count());
}

std::optional<std::string> term_warning(const CertificateTerm& term, std::chrono::sys_seconds now) {
  if (now > term.end) {
    return fmt::format("has expired at {}, and clients refuse it: put a new one in its place", term_text(term.end));
  }
  if (now < term.begin) return fmt::format("is valid only from {} on, and clients refuse it", term_text(term.begin));
  if (term.end - now < kExpiryNotice) {
    return fmt::format("expires at {}: put a new one in its place", term_text(term.end));
  }
  return std::nullopt;
}

}  // namespace curlew
