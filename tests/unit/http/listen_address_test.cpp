#include "curlew/http/listen_address.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace curlew {
namespace {

TEST(ListenAddress, IsAnAddressWithAPort) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8000")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("127.0.0.1:8000")->port, 8000);
  EXPECT_EQ(parse_listen_address("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_listen_address("localhost:80")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("*:80")->host, "0.0.0.0");
}

TEST(ListenAddress, SaysWhatIsWrong) {
  for (const char* wrong : {"", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                            "::1:80", "[127.0.0.1]:80", "example.org:80", ":80", "[::1]80"}) {
    const auto parsed = parse_listen_address(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_NE(parsed.error().find("127.0.0.1:8000"), std::string::npos) << "an example helps";
  }
}

TEST(BindFailure, SaysWhatToDo) {
  EXPECT_NE(bind_failure("127.0.0.1:80", EADDRINUSE).find("in use"), std::string::npos);
  EXPECT_NE(bind_failure("127.0.0.1:80", EACCES).find("not allowed"), std::string::npos);
  EXPECT_NE(bind_failure("192.0.2.1:80", EADDRNOTAVAIL).find("not an address of this machine"), std::string::npos);
  for (const int error : {EADDRINUSE, EACCES, EPERM, EADDRNOTAVAIL, EAFNOSUPPORT, EIO}) {
    EXPECT_NE(bind_failure("192.0.2.1:80", error).find("192.0.2.1:80"), std::string::npos);
  }
}

}  // namespace
}  // namespace curlew
