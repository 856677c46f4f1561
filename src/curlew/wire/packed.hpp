#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace curlew {

// MessagePack that others sent. It is checked once, and then read where it lies: nothing is built of it, so that no
// message costs more memory than its bytes.

/// Containers within each other, as Python's reader has it.
inline constexpr std::size_t kMaxPackedDepth = 1024;
/// Values in one message, keys counted too: enough for every list that is taken, and read in some 50 ms. Python has no
/// such limit.
inline constexpr std::size_t kMaxPackedValues = 1'000'000;

/// Why `bytes` are not one value as Python reads it, as Python says it; nothing where they are one.
///
/// Cost:   linear, without recursion; no header is believed.
std::optional<std::string> packed_fault(std::string_view bytes);

enum class PackedKind : std::uint8_t { kNil, kBoolean, kInteger, kReal, kText, kBytes, kList, kMap, kExtension };

/// A value without what is in a list or map.
struct PackedValue {
  PackedKind kind = PackedKind::kNil;
  bool truth = false;         ///< kBoolean
  std::int64_t integer = 0;   ///< kInteger; for what is beyond, the greatest there is
  double real = 0;            ///< kReal
  std::string_view bytes;     ///< kText, kBytes, kExtension
  std::uint32_t count = 0;    ///< kList: values; kMap: pairs
  std::int8_t extension = 0;  ///< kExtension: its type
};

/// Reads values one after the other. What was not checked may be read too: at a fault it is at its end, and gives nil.
class PackedReader {
 public:
  explicit PackedReader(std::string_view packed) : rest_(packed) {}

  /// Behind a list's or map's own value, those that are in it follow.
  PackedValue next();
  /// The bytes of the next value, with all that is in it.
  std::string_view next_whole();
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// What `packed` is at its outside; nil where it is empty.
PackedValue outline(std::string_view packed);
/// Whether Python would say that it is true.
bool is_truthy(const PackedValue& value);

std::optional<std::string_view> text_in(std::string_view packed);
/// An integer, or a real number without a fraction.
std::optional<std::int64_t> integer_in(std::string_view packed, std::int64_t least, std::int64_t most);
/// A finite number.
std::optional<double> number_in(std::string_view packed);

/// Calls `take(key, value)` for each member of a map, `key` a text or bytes, `value` its bytes; does nothing where it
/// is no map.
template <class Take>
void each_member(std::string_view packed, Take take) {
  PackedReader reader(packed);
  const PackedValue map = reader.next();
  if (map.kind != PackedKind::kMap) return;
  for (std::uint32_t i = 0; i < map.count && !reader.at_end(); ++i) {
    const PackedValue key = reader.next();
    take(key, reader.next_whole());
  }
}

/// The bytes of the members with these names, "" where there is none; of a name that is there twice the last counts.
template <std::size_t kCount>
std::array<std::string_view, kCount> members_of(std::string_view packed,
                                                const std::array<std::string_view, kCount>& names) {
  std::array<std::string_view, kCount> found{};
  each_member(packed, [&](const PackedValue& key, std::string_view value) {
    for (std::size_t i = 0; i < kCount && key.kind == PackedKind::kText; ++i) {
      if (names[i] == key.bytes) found[i] = value;
    }
  });
  return found;
}

}  // namespace curlew
