#include "curlew/wire/packer.hpp"

#include <bit>
#include <limits>

#include "curlew/base/utf8.hpp"

namespace curlew {
namespace {

constexpr std::uint64_t kMax8 = std::numeric_limits<std::uint8_t>::max();
constexpr std::uint64_t kMax16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();

}  // namespace

void Packer::big_endian(std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i > 0; --i) put(static_cast<unsigned>((value >> (8 * (i - 1))) & 0xffU));
}

void Packer::unsigned_integer(std::uint64_t value) {
  if (value < 0x80) {
    put(static_cast<unsigned>(value));
  } else if (value <= kMax8) {
    put(0xcc);
    big_endian(value, 1);
  } else if (value <= kMax16) {
    put(0xcd);
    big_endian(value, 2);
  } else if (value <= kMax32) {
    put(0xce);
    big_endian(value, 4);
  } else {
    put(0xcf);
    big_endian(value, 8);
  }
}

void Packer::signed_integer(std::int64_t value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (value >= 0) {
    unsigned_integer(bits);
  } else if (value >= -32) {
    big_endian(bits, 1);
  } else if (value >= std::numeric_limits<std::int8_t>::min()) {
    put(0xd0);
    big_endian(bits, 1);
  } else if (value >= std::numeric_limits<std::int16_t>::min()) {
    put(0xd1);
    big_endian(bits, 2);
  } else if (value >= std::numeric_limits<std::int32_t>::min()) {
    put(0xd2);
    big_endian(bits, 4);
  } else {
    put(0xd3);
    big_endian(bits, 8);
  }
}

void Packer::real(double value) {
  put(0xcb);
  big_endian(std::bit_cast<std::uint64_t>(value), 8);
}

void Packer::text(std::string_view value) {
  if (!is_utf8(value)) {
    text(as_utf8(value));
    return;
  }
  if (value.size() < 32) {
    put(static_cast<unsigned>(0xa0 | value.size()));
  } else if (value.size() <= kMax8) {
    put(0xd9);
    big_endian(value.size(), 1);
  } else {
    count(value.size(), 0, 0xda);
  }
  bytes_ += value;
}

void Packer::array(std::size_t count_of_values) { count(count_of_values, 0x90, 0xdc); }

void Packer::map(std::size_t count_of_pairs) { count(count_of_pairs, 0x80, 0xde); }

/// `small`: the form with the count in four bits, 0 where there is none; that of 32 bits follows that of 16.
void Packer::count(std::size_t count, unsigned small, unsigned of_16_bits) {
  if (small != 0 && count < 16) {
    put(static_cast<unsigned>(small | count));
  } else if (count <= kMax16) {
    put(of_16_bits);
    big_endian(count, 2);
  } else {
    put(of_16_bits + 1);
    big_endian(count, 4);
  }
}

std::string MapPacker::take() {
  Packer map;
  map.map(count_);
  map.raw(members_.take());
  return map.take();
}

}  // namespace curlew
