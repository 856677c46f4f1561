#include "curlew/wire/packed_head.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>

namespace curlew {
namespace {

/// What follows the first byte.
enum class Form : std::uint8_t {
  kNothing,
  kUnsigned,
  kSigned,
  kFloat,
  kDouble,
  kText,
  kBytes,
  kList,
  kMap,
  kExtension
};

struct FirstByte {
  PackedKind kind;
  Form form;
  std::size_t width;  ///< bytes of the number or length
};

/// Of 0xc0 to 0xdf; 0xc1 is never used.
constexpr FirstByte kFirstBytes[] = {
    {PackedKind::kNil, Form::kNothing, 0},
    {PackedKind::kNil, Form::kNothing, 0},
    {PackedKind::kBoolean, Form::kNothing, 0},
    {PackedKind::kBoolean, Form::kNothing, 0},
    {PackedKind::kBytes, Form::kBytes, 1},
    {PackedKind::kBytes, Form::kBytes, 2},
    {PackedKind::kBytes, Form::kBytes, 4},
    {PackedKind::kExtension, Form::kExtension, 1},
    {PackedKind::kExtension, Form::kExtension, 2},
    {PackedKind::kExtension, Form::kExtension, 4},
    {PackedKind::kReal, Form::kFloat, 4},
    {PackedKind::kReal, Form::kDouble, 8},
    {PackedKind::kInteger, Form::kUnsigned, 1},
    {PackedKind::kInteger, Form::kUnsigned, 2},
    {PackedKind::kInteger, Form::kUnsigned, 4},
    {PackedKind::kInteger, Form::kUnsigned, 8},
    {PackedKind::kInteger, Form::kSigned, 1},
    {PackedKind::kInteger, Form::kSigned, 2},
    {PackedKind::kInteger, Form::kSigned, 4},
    {PackedKind::kInteger, Form::kSigned, 8},
    {PackedKind::kExtension, Form::kExtension, 0},
    {PackedKind::kExtension, Form::kExtension, 0},
    {PackedKind::kExtension, Form::kExtension, 0},
    {PackedKind::kExtension, Form::kExtension, 0},
    {PackedKind::kExtension, Form::kExtension, 0},
    {PackedKind::kText, Form::kText, 1},
    {PackedKind::kText, Form::kText, 2},
    {PackedKind::kText, Form::kText, 4},
    {PackedKind::kList, Form::kList, 2},
    {PackedKind::kList, Form::kList, 4},
    {PackedKind::kMap, Form::kMap, 2},
    {PackedKind::kMap, Form::kMap, 4},
};
static_assert(sizeof(kFirstBytes) / sizeof(kFirstBytes[0]) == 32);

PackedFault take_bytes(std::string_view& rest, std::uint64_t count, std::string_view& bytes) {
  if (count > rest.size()) return PackedFault::kIncomplete;
  bytes = rest.substr(0, count);
  rest.remove_prefix(count);
  return PackedFault::kNone;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::int64_t sign_extended(std::uint64_t bits, std::size_t bytes) {
  const std::size_t unused = 64 - 8 * bytes;
  return std::bit_cast<std::int64_t>(bits << unused) >> unused;
}

/// The forms that hold their number or length in the first byte.
PackedFault take_short(unsigned first, std::string_view& rest, PackedValue& value) {
  if (first < 0x80 || first >= 0xe0) {
    value.kind = PackedKind::kInteger;
    value.integer = sign_extended(first, 1);
    return PackedFault::kNone;
  }
  if (first < 0xa0) {
    value.kind = first < 0x90 ? PackedKind::kMap : PackedKind::kList;
    value.count = first & 0x0fU;
    return PackedFault::kNone;
  }
  value.kind = PackedKind::kText;
  return take_bytes(rest, first & 0x1fU, value.bytes);
}

PackedFault take_extension(std::uint64_t length, std::string_view& rest, PackedValue& value) {
  std::string_view type;
  if (take_bytes(rest, 1, type) != PackedFault::kNone) return PackedFault::kIncomplete;
  value.extension = static_cast<std::int8_t>(type[0]);
  return take_bytes(rest, length, value.bytes);
}

}  // namespace

PackedFault take_value(std::string_view& rest, PackedValue& value) {
  value = {};
  std::string_view bytes;
  if (take_bytes(rest, 1, bytes) != PackedFault::kNone) return PackedFault::kIncomplete;
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0xc0 || first >= 0xe0) return take_short(first, rest, value);
  if (first == 0xc1) return PackedFault::kNeverUsed;
  const FirstByte& known = kFirstBytes[first - 0xc0U];
  value.kind = known.kind;
  if (take_bytes(rest, known.width, bytes) != PackedFault::kNone) return PackedFault::kIncomplete;
  const std::uint64_t number = big_endian(bytes);
  switch (known.form) {
    case Form::kNothing:
      value.truth = first == 0xc3;
      break;
    case Form::kUnsigned:
      value.integer =
          static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
      break;
    case Form::kSigned:
      value.integer = sign_extended(number, known.width);
      break;
    case Form::kFloat:
      value.real = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(number)));
      break;
    case Form::kDouble:
      value.real = std::bit_cast<double>(number);
      break;
    case Form::kText:
    case Form::kBytes:
      return take_bytes(rest, number, value.bytes);
    case Form::kList:
    case Form::kMap:
      value.count = static_cast<std::uint32_t>(number);
      break;
    case Form::kExtension:
      return take_extension(known.width == 0 ? 1ULL << (first - 0xd4U) : number, rest, value);
  }
  return PackedFault::kNone;
}

}  // namespace curlew
