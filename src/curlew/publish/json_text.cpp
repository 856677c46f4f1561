#include "curlew/publish/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>

namespace curlew {
namespace {

using Json = nlohmann::json;

/// Below it, a number of tenths or hundredths has no more digits than a double keeps apart.
constexpr double kExactSteps = 1e15;

/// Clients read numbers: what is not finite, which no step should let pass, is 0 here.
double finite(double value) { return std::isfinite(value) ? value : 0.0; }

/// Printable ASCII that means nothing in a JSON text.
bool is_plain(char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; }

/// JSON lets DEL and the C1 controls pass, and a terminal may obey them.
void append_without_controls(std::string& out, std::string_view json) {
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json[i]);
    const auto next = static_cast<unsigned char>(i + 1 < json.size() ? json[i + 1] : 0);
    if (byte == 0x7f) {
      out += "\\u007f";
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      fmt::format_to(std::back_inserter(out), "\\u00{:02x}", next);
      ++i;
    } else {
      out += json[i];
    }
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  append_without_controls(out, Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

void append_json_fixed(std::string& out, double value, int decimals) {
  const bool is_hundredths = decimals == 2;
  const double step = is_hundredths ? 100.0 : 10.0;
  const double steps = std::round(finite(value) * step);
  if (std::signbit(steps) || !(steps < kExactSteps)) {
    out += Json(steps / step).dump();
    return;
  }
  auto digits = static_cast<std::uint64_t>(steps);
  if (is_hundredths && digits % 10 != 0) {
    fmt::format_to(std::back_inserter(out), FMT_STRING("{}.{:02}"), digits / 100, digits % 100);
    return;
  }
  if (is_hundredths) digits /= 10;
  fmt::format_to(std::back_inserter(out), FMT_STRING("{}.{}"), digits / 10, digits % 10);
}

void append_json_score(std::string& out, float value) {
  const std::size_t begin = out.size();
  fmt::format_to(std::back_inserter(out), FMT_STRING("{:.5g}"), finite(static_cast<double>(value)));
  if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";  // as a number that has a fraction
}

}  // namespace curlew
