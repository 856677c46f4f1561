#include "curlew/decode/icc_profile.hpp"

#define ZLIB_CONST  // it only reads what goes in
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "curlew/base/log.hpp"
#include "curlew/decode/codec.hpp"
#include "curlew/decode/jpeg_segments.hpp"

namespace curlew {
namespace {

using namespace std::string_view_literals;

std::vector<std::byte> ignored(std::string_view why) {
  log_debug("a colour profile is ignored: {}", why);
  return {};
}

/// The parts by their number, from 1; index 0 stays empty.
struct JpegParts {
  std::array<std::span<const std::byte>, 256> parts;
  std::size_t count = 0;  ///< 0: no part has come
  std::size_t found = 0;
  std::size_t bytes = 0;
};

/// Why the part cannot be taken; empty where all is well.
std::string_view add(JpegParts& to, std::span<const std::byte> part) {
  if (part.size() < 3) return "a part of it is empty"sv;
  const auto number = std::to_integer<std::size_t>(part[0]);
  const auto count = std::to_integer<std::size_t>(part[1]);
  if (to.count != 0 && count != to.count) return "its parts tell different counts"sv;
  if (number < 1 || number > count) return "a part has a number that cannot be"sv;
  if (!to.parts[number].empty()) return "a part comes twice"sv;
  to.parts[number] = part.subspan(2);
  to.count = count;
  to.found += 1;
  to.bytes += part.size() - 2;
  return {};
}

class Inflater {
 public:
  explicit Inflater(std::span<const std::byte> packed) {
    stream_.next_in = reinterpret_cast<const Bytef*>(packed.data());
    stream_.avail_in = static_cast<uInt>(packed.size());
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Fills `to` as far as the data goes; whether that was its end comes with the count.
  struct Filled {
    std::size_t bytes;
    int status;
  };
  Filled fill(std::span<std::byte> to) {
    stream_.next_out = reinterpret_cast<Bytef*>(to.data());
    stream_.avail_out = static_cast<uInt>(to.size());
    const int status = inflate(&stream_, Z_SYNC_FLUSH);
    return {.bytes = to.size() - stream_.avail_out, .status = status};
  }

 private:
  z_stream stream_{};
};

std::vector<std::byte> inflated(std::span<const std::byte> packed) {
  constexpr std::size_t kFirstGuess = std::size_t{16} * kKiB;  // most profiles of screens fit
  Inflater inflater(packed);
  std::vector<std::byte> profile;
  std::size_t filled = 0;
  for (std::size_t size = kFirstGuess; size <= kMaxProfileBytes; size *= 2) {
    profile.resize(size);
    const auto [bytes, status] = inflater.fill(std::span(profile).subspan(filled));
    filled += bytes;
    if (status == Z_STREAM_END) {
      profile.resize(filled);
      return profile;
    }
    if (status != Z_OK || filled < size) return ignored("its compressed data is damaged");
  }
  return ignored("it is too large");
}

}  // namespace

std::vector<std::byte> icc_of_jpeg(std::span<const std::byte> jpeg) {
  constexpr std::string_view kName = "ICC_PROFILE\0"sv;
  constexpr unsigned kApp2 = 0xE2;
  JpegParts parts;
  JpegSegments segments(jpeg);
  while (const auto segment = segments.next()) {
    const auto payload = segment->payload;
    if (segment->marker != kApp2 || payload.size() < kName.size() ||
        std::memcmp(payload.data(), kName.data(), kName.size()) != 0) {
      continue;
    }
    if (const auto wrong = add(parts, payload.subspan(kName.size())); !wrong.empty()) return ignored(wrong);
  }
  if (parts.count == 0) return {};
  if (parts.found != parts.count) return ignored("a part of it is missing");
  if (parts.bytes > kMaxProfileBytes) return ignored("it is too large");
  std::vector<std::byte> profile;
  profile.reserve(parts.bytes);
  for (const auto part : parts.parts) profile.insert(profile.end(), part.begin(), part.end());
  return profile;
}

std::vector<std::byte> icc_of_png(std::span<const std::byte> iccp) {
  constexpr std::size_t kLongestName = 79;
  const auto head = iccp.first(std::min(iccp.size(), kLongestName + 1));
  const auto name_bytes = static_cast<std::size_t>(std::ranges::find(head, std::byte{0}) - head.begin());
  if (name_bytes == head.size() || name_bytes + 2 > iccp.size()) return ignored("its chunk is damaged");
  if (iccp[name_bytes + 1] != std::byte{0}) return ignored("its compression is unknown");
  return inflated(iccp.subspan(name_bytes + 2));
}

}  // namespace curlew
