#include "curlew/wire/packed.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "curlew/base/utf8.hpp"
#include "curlew/wire/packed_head.hpp"
#include "curlew/wire/python_repr.hpp"

namespace curlew {
namespace {

/// A list or map of which some is still to come.
struct Open {
  std::uint64_t left;  ///< values, keys counted too
  bool is_map;
};

std::string value_error(std::string_view message) { return python_exception("ValueError", message); }

constexpr std::int8_t kTimestamp = -1;

std::optional<std::string> timestamp_fault(std::string_view bytes) {
  if (bytes.size() != 4 && bytes.size() != 8 && bytes.size() != 12) {
    return value_error(fmt::format("invalid timestamp data (length {})", bytes.size()));
  }
  if (bytes.size() == 4) return std::nullopt;
  std::uint32_t nanoseconds = 0;
  for (const char c : bytes.substr(0, 4)) nanoseconds = nanoseconds << 8U | static_cast<unsigned char>(c);
  if (bytes.size() == 8) nanoseconds >>= 2U;  // the other two bits belong to the seconds
  if (nanoseconds <= 999'999'999) return std::nullopt;
  return value_error("nanoseconds must be a non-negative integer not greater than 999999999.");
}

std::optional<std::string> key_fault(const PackedValue& key) {
  if (key.kind == PackedKind::kText || key.kind == PackedKind::kBytes) return std::nullopt;
  return value_error(fmt::format("{} is not allowed for map key when strict_map_key=True", python_type(key)));
}

/// Of a value that is whole; of a list or map, of its beginning.
std::optional<std::string> value_fault(const PackedValue& value) {
  if (value.kind == PackedKind::kText && !is_utf8(value.bytes)) {
    return python_exception("UnicodeDecodeError", "a text is not UTF-8");
  }
  if (value.kind != PackedKind::kExtension) return std::nullopt;
  if (value.extension == kTimestamp) return timestamp_fault(value.bytes);
  if (value.extension < 0) return value_error("code must be 0~127");
  return std::nullopt;
}

/// Of a list or map that begins within `depth` others, in a message of `size` bytes.
std::optional<std::string> container_fault(const PackedValue& value, std::size_t depth, std::size_t size) {
  if (depth >= kMaxPackedDepth) return "StackError()";
  if (value.kind == PackedKind::kList && value.count > size) {
    return value_error(fmt::format("{} exceeds max_array_len({})", value.count, size));
  }
  if (value.kind == PackedKind::kMap && value.count > size / 2) {
    return value_error(fmt::format("{} exceeds max_map_len({})", value.count, size / 2));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> packed_fault(std::string_view bytes) {
  std::string_view rest = bytes;
  std::vector<Open> open;
  PackedValue value;
  std::size_t values = 0;
  do {
    if (++values > kMaxPackedValues) return value_error(fmt::format("more than {} values", kMaxPackedValues));
    switch (take_value(rest, value)) {
      case PackedFault::kIncomplete:
        return value_error("Unpack failed: incomplete input");
      case PackedFault::kNeverUsed:
        return "FormatError()";
      case PackedFault::kNone:
        break;
    }
    if (!open.empty()) {
      const bool is_key = open.back().is_map && open.back().left % 2 == 0;
      if (auto fault = is_key ? key_fault(value) : std::nullopt) return fault;
      --open.back().left;
    }
    if (auto fault = value_fault(value)) return fault;
    const bool is_map = value.kind == PackedKind::kMap;
    if (is_map || value.kind == PackedKind::kList) {
      if (auto fault = container_fault(value, open.size(), bytes.size())) return fault;
      open.push_back({.left = std::uint64_t{value.count} * (is_map ? 2U : 1U), .is_map = is_map});
    }
    while (!open.empty() && open.back().left == 0) open.pop_back();
  } while (!open.empty());
  if (rest.empty()) return std::nullopt;
  return python_exception("ExtraData", fmt::format("{} bytes follow the value", rest.size()));
}

PackedValue PackedReader::next() {
  PackedValue value;
  if (take_value(rest_, value) == PackedFault::kNone) return value;
  rest_ = {};
  return {};
}

std::string_view PackedReader::next_whole() {
  const std::string_view from = rest_;
  for (std::uint64_t left = 1; left > 0 && !rest_.empty(); --left) {
    const PackedValue value = next();
    left += std::uint64_t{value.count} * (value.kind == PackedKind::kMap ? 2U : 1U);
  }
  return from.substr(0, from.size() - rest_.size());
}

PackedValue outline(std::string_view packed) { return PackedReader(packed).next(); }

bool is_truthy(const PackedValue& value) {
  switch (value.kind) {
    case PackedKind::kNil:
      return false;
    case PackedKind::kBoolean:
      return value.truth;
    case PackedKind::kInteger:
      return value.integer != 0;
    case PackedKind::kReal:
      return value.real != 0;
    case PackedKind::kText:
    case PackedKind::kBytes:
      return !value.bytes.empty();
    case PackedKind::kList:
    case PackedKind::kMap:
      return value.count != 0;
    case PackedKind::kExtension:
      break;
  }
  return true;
}

std::optional<std::string_view> text_in(std::string_view packed) {
  const PackedValue value = outline(packed);
  if (value.kind != PackedKind::kText) return std::nullopt;
  return value.bytes;
}

std::optional<std::int64_t> integer_in(std::string_view packed, std::int64_t least, std::int64_t most) {
  const PackedValue value = outline(packed);
  std::int64_t integer = value.integer;
  if (value.kind == PackedKind::kReal) {
    constexpr double kExact = 9007199254740992.0;  // up to here every integer is a double
    const bool is_whole = std::isfinite(value.real) && std::trunc(value.real) == value.real;
    if (!is_whole || std::fabs(value.real) > kExact) return std::nullopt;
    integer = static_cast<std::int64_t>(value.real);
  } else if (value.kind != PackedKind::kInteger) {
    return std::nullopt;
  }
  if (integer < least || integer > most) return std::nullopt;
  return integer;
}

std::optional<double> number_in(std::string_view packed) {
  const PackedValue value = outline(packed);
  if (value.kind == PackedKind::kInteger) return static_cast<double>(value.integer);
  if (value.kind != PackedKind::kReal || !std::isfinite(value.real)) return std::nullopt;
  return value.real;
}

}  // namespace curlew
