#include "curlew/http/response_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace curlew {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 33> kPhrases{{
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kDefaults{{
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
}};

/// These are the server's to say.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOurs{"Connection", "Content-Length", "Transfer-Encoding", "Date"};
  return std::ranges::any_of(kOurs, [&](std::string_view ours) { return equal_but_case(name, ours); });
}

bool is_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

/// Made once a second, and not for each answer.
std::string_view date_text(std::chrono::sys_seconds time) {
  thread_local std::chrono::sys_seconds last{};
  thread_local std::string text = http_date(last);
  if (time != last) {
    text = http_date(time);
    last = time;
  }
  return text;
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto found = std::ranges::find(kPhrases, status, &std::pair<int, std::string_view>::first);
  return found == kPhrases.end() ? std::string_view{} : found->second;
}

bool never_has_body(int status) { return status < 200 || status == 204 || status == 304; }

std::string http_date(std::chrono::sys_seconds time) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string response_head(int status, const HttpHeaders& headers, const ResponseFraming& framing,
                          std::chrono::sys_seconds date) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", status, reason_phrase(status), date_text(date));
  const auto out = std::back_inserter(head);
  for (const auto& [name, value] : headers) {
    if (is_token(name) && is_value(value) && !is_ours(name)) fmt::format_to(out, "{}: {}\r\n", name, value);
  }
  for (const auto& [name, value] : kDefaults) {
    if (!headers.find(name)) fmt::format_to(out, "{}: {}\r\n", name, value);
  }
  if (framing.length && !never_has_body(status)) fmt::format_to(out, "Content-Length: {}\r\n", *framing.length);
  if (!framing.length && framing.chunked) head += "Transfer-Encoding: chunked\r\n";
  if (!framing.keep_alive) {
    head += "Connection: close\r\n";
  } else if (framing.minor_version == 0) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

std::string server_timing(std::span<const std::pair<std::string_view, double>> stages_ms) {
  std::string text;
  for (const auto& [stage, ms] : stages_ms) {
    fmt::format_to(std::back_inserter(text), "{}{};dur={:.3f}", text.empty() ? "" : ", ", stage, ms);
  }
  return text;
}

}  // namespace curlew
