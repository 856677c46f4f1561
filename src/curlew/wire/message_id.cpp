#include "curlew/wire/message_id.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace curlew {
namespace {

/// Ids that one system call gives: a result takes microseconds to write, and a call for each would be most of that.
constexpr std::size_t kIdsAtOnce = 64;

/// The kernel's random bytes, of which each is given out once.
class RandomBytes {
 public:
  MessageId take() {
    if (used_ == bytes_.size()) fill();
    MessageId id{};
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), id.size(), id.begin());
    used_ += id.size();
    return id;
  }

 private:
  void fill() {
    for (std::size_t have = 0; have < bytes_.size();) {
      const ssize_t got = getrandom(bytes_.data() + have, bytes_.size() - have, 0);
      if (got > 0) {
        have += static_cast<std::size_t>(got);
      } else if (errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "getrandom");  // a kernel of before 2014
      }
    }
    used_ = 0;
  }

  std::array<std::uint8_t, kIdsAtOnce * sizeof(MessageId)> bytes_{};
  std::size_t used_ = bytes_.size();
};

}  // namespace

MessageId new_message_id() {
  thread_local RandomBytes random;
  MessageId id = random.take();
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0fU) | 0x40U);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3fU) | 0x80U);
  return id;
}

std::string to_base64(const MessageId& id) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t i = 0; i < id.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return at < id.size() ? unsigned{id[at]} : 0U; };
    const unsigned bits = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text += kDigits[(bits >> shift) & 0x3fU];
  }
  text.replace(text.size() - 2, 2, "==");  // 16 bytes are five groups and one byte
  return text;
}

}  // namespace curlew
