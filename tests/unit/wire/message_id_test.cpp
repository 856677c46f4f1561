#include "curlew/wire/message_id.hpp"

#include <gtest/gtest.h>

#include <set>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

TEST(MessageId, IsOfVersion4AndNeverTheSame) {
  std::set<MessageId> seen;
  for (int i = 0; i < 1000; ++i) {
    const MessageId id = new_message_id();
    EXPECT_EQ(id[6] >> 4U, 4);
    EXPECT_EQ(id[8] >> 6U, 2);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(MessageId, HasRandomBitsInEveryPlace) {
  MessageId ones{};
  MessageId zeros{};
  for (int i = 0; i < 1000; ++i) {
    const MessageId id = new_message_id();
    for (std::size_t at = 0; at < id.size(); ++at) {
      ones[at] = static_cast<std::uint8_t>(ones[at] | id[at]);
      zeros[at] = static_cast<std::uint8_t>(zeros[at] | static_cast<std::uint8_t>(~id[at]));
    }
  }
  for (std::size_t at = 0; at < ones.size(); ++at) {
    const int fixed = at == 6 ? 0xf0 : at == 8 ? 0xc0 : 0;
    EXPECT_EQ((ones[at] & zeros[at]) | fixed, 0xff) << at;
  }
}

TEST(MessageId, IsNamedInUrlSafeBase64) {
  EXPECT_EQ(to_base64(kId), "ABEiM0RVRneImaq7zN3u_w==");
  EXPECT_EQ(to_base64(MessageId{}), "AAAAAAAAAAAAAAAAAAAAAA==");
}

}  // namespace
}  // namespace curlew
