#include "curlew/http/media_type.hpp"

#include <algorithm>
#include <charconv>

#include "curlew/http/http_headers.hpp"

namespace curlew {
namespace {

constexpr std::size_t kMaxParameters = 16;  // real ones have one or two

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Takes `token` or `"quoted"` off the front of `rest`.
std::optional<std::string> take_value(std::string_view& rest) {
  std::string value;
  if (rest.empty() || rest.front() != '"') {
    const std::size_t end = std::min(rest.find_first_of("; \t,"), rest.size());
    value = rest.substr(0, end);
    rest.remove_prefix(end);
    if (!is_token(value)) return std::nullopt;
    return value;
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] == '\\' && ++i == rest.size()) return std::nullopt;
    value += rest[i];
  }
  return std::nullopt;
}

/// Where the list of `Accept` goes on: the next comma that is not within quotes.
std::size_t end_of_range(std::string_view accept) {
  bool quoted = false;
  for (std::size_t i = 0; i < accept.size(); ++i) {
    if (quoted && accept[i] == '\\') {
      ++i;
    } else if (accept[i] == '"') {
      quoted = !quoted;
    } else if (accept[i] == ',' && !quoted) {
      return i;
    }
  }
  return accept.size();
}

struct Wish {
  MediaType range;
  double weight = 1;
  int precision = 0;  ///< of several that match, the most precise decides
};

std::optional<Wish> parse_wish(std::string_view text) {
  auto range = parse_media_type(text);
  if (!range) return std::nullopt;
  Wish wish{.range = std::move(*range)};
  wish.precision = wish.range.type == "*" ? 0 : wish.range.subtype == "*" ? 1 : 2;
  const std::string_view q = wish.range.parameter("q");
  if (q.empty()) return wish;
  const auto [end, error] = std::from_chars(q.data(), q.data() + q.size(), wish.weight, std::chars_format::fixed);
  const bool whole = error == std::errc() && end == q.data() + q.size();
  const bool in_range = wish.weight >= 0 && wish.weight <= 1;  // NaN is not
  return whole && in_range ? std::optional(wish) : std::nullopt;
}

double weight_of(const MediaType& offer, const std::vector<Wish>& wishes) {
  int precision = -1;
  double weight = 0;
  for (const Wish& wish : wishes) {
    if (wish.precision > precision && offer.matches(wish.range.text())) {
      precision = wish.precision;
      weight = wish.weight;
    }
  }
  return weight;
}

}  // namespace

std::string_view MediaType::parameter(std::string_view name) const {
  const auto found = std::ranges::find_if(parameters, [&](const auto& p) { return p.first == name; });
  return found == parameters.end() ? std::string_view{} : std::string_view(found->second);
}

bool MediaType::matches(std::string_view pattern) const {
  if (empty()) return false;
  const std::size_t slash = pattern.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view its_type = pattern.substr(0, slash);
  const std::string_view its_subtype = pattern.substr(slash + 1);
  return (its_type == "*" || its_type == type) && (its_subtype == "*" || its_subtype == subtype);
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  std::string_view rest = trimmed(text);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::size_t end = std::min(rest.find_first_of("; \t", slash), rest.size());
  MediaType media{.type = lower_case(rest.substr(0, slash)),
                  .subtype = lower_case(rest.substr(slash + 1, end - slash - 1))};
  if (!is_token(media.type) || !is_token(media.subtype)) return std::nullopt;
  rest = trimmed(rest.substr(end));
  while (!rest.empty()) {
    if (rest.front() != ';') return std::nullopt;
    rest = trimmed(rest.substr(1));
    if (rest.empty() || rest.front() == ';') continue;
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos || !is_token(rest.substr(0, equals))) return std::nullopt;
    std::string name = lower_case(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    if (!value || media.parameters.size() == kMaxParameters) return std::nullopt;
    media.parameters.emplace_back(std::move(name), std::move(*value));
    rest = trimmed(rest);
  }
  return media;
}

std::optional<std::string_view> choose_media_type(std::span<const std::string_view> accept,
                                                  std::span<const std::string_view> offered) {
  if (offered.empty()) return std::nullopt;
  std::vector<Wish> wishes;
  for (std::string_view rest : accept) {
    while (!rest.empty()) {
      const std::size_t end = end_of_range(rest);
      const std::string_view range = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (range.empty()) continue;
      auto wish = parse_wish(range);
      if (!wish) return offered.front();
      wishes.push_back(std::move(*wish));
    }
  }
  if (wishes.empty()) return offered.front();
  std::optional<std::string_view> best;
  double best_weight = 0;
  for (const std::string_view offer : offered) {
    const auto media = parse_media_type(offer);
    const double weight = media ? weight_of(*media, wishes) : 0;
    if (weight > best_weight) {
      best = offer;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace curlew
