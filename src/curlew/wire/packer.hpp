#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace curlew {

/// Writes MessagePack as Python's packer does: the shortest form of each integer and length, floats always of 64 bits.
///
/// Shape:  the caller writes as many values as it announced.
/// Source: the MessagePack specification
class Packer {
 public:
  void nil() { put(0xc0); }
  void boolean(bool value) { put(value ? 0xc3 : 0xc2); }
  void integer(std::signed_integral auto value) { signed_integer(static_cast<std::int64_t>(value)); }
  void integer(std::unsigned_integral auto value) { unsigned_integer(static_cast<std::uint64_t>(value)); }
  void real(double value);
  /// What is not UTF-8 is replaced by U+FFFD: a text that is not would end a Python subscriber.
  void text(std::string_view value);
  void array(std::size_t count);  ///< so many values follow
  void map(std::size_t count);    ///< so many pairs of a text and a value follow
  void raw(std::string_view packed) { bytes_ += packed; }

  std::string take() { return std::move(bytes_); }

 private:
  void put(unsigned byte) { bytes_ += static_cast<char>(byte); }
  void big_endian(std::uint64_t value, std::size_t bytes);
  void signed_integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  void count(std::size_t count, unsigned small, unsigned of_16_bits);

  std::string bytes_;
};

/// Writes a map without knowing before how many members it will have: `map["url"].text(…)`.
class MapPacker {
 public:
  /// Where the member's one value is to be written.
  Packer& operator[](std::string_view key) {
    ++count_;
    members_.text(key);
    return members_;
  }

  std::string take();

 private:
  std::size_t count_ = 0;
  Packer members_;
};

}  // namespace curlew
