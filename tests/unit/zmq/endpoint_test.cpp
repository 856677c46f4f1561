#include "curlew/zmq/endpoint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace curlew {
namespace {

std::string text_of(std::string_view text) {
  const auto endpoint = read_endpoint(text);
  return endpoint ? endpoint->text : "wrong: " + endpoint.error().message;
}

std::string why_not(std::string_view text) {
  const auto endpoint = read_endpoint(text);
  return endpoint ? "" : endpoint.error().message;
}

TEST(Endpoint, IsTcpWithAnAddressAndAPort) {
  for (const char* text : {"tcp://127.0.0.1:56854", "tcp://*:1", "tcp://0.0.0.0:65535", "tcp://eth0:80", "tcp://*:*"}) {
    const auto endpoint = read_endpoint(text);
    ASSERT_TRUE(endpoint) << endpoint.error().message;
    EXPECT_EQ(endpoint->text, text);
    EXPECT_EQ(endpoint->ipc_path, "");
  }
}

TEST(Endpoint, TakesWhatPeopleWriteForTheSame) {
  EXPECT_EQ(text_of("tcp://localhost:5000"), "tcp://127.0.0.1:5000");
  EXPECT_EQ(text_of("tcp://127.0.0.1:0"), "tcp://127.0.0.1:*");
}

TEST(Endpoint, IsIpcWithAPath) {
  const auto endpoint = read_endpoint("ipc:///tmp/a b.sock");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->text, "ipc:///tmp/a b.sock");
  EXPECT_EQ(endpoint->ipc_path, "/tmp/a b.sock");
  EXPECT_EQ(read_endpoint("ipc://@curlew")->ipc_path, "@curlew");
}

TEST(Endpoint, NamesWhatIsWrong) {
  EXPECT_EQ(why_not("http://127.0.0.1:80"),
            "\"http://127.0.0.1:80\" is no place to listen at: it begins with tcp:// or ipc://");
  for (const char* text : {"", "tcp:", "TCP://*:1", "inproc://a", "udp://*:1"})
    EXPECT_NE(why_not(text).find("begins with tcp:// or ipc://"), std::string::npos) << text;
  for (const char* text : {"tcp://", "tcp://127.0.0.1", "tcp://*"})
    EXPECT_NE(why_not(text).find("the port is missing"), std::string::npos) << text;
  for (const char* text :
       {"tcp://*:65536", "tcp://*:-1", "tcp://*:", "tcp://*:80x", "tcp://*: 80", "tcp://*:99999999999"})
    EXPECT_NE(why_not(text).find("the port is a number up to 65535"), std::string::npos) << text;
  for (const char* text : {"tcp://[::1]:80", "tcp://a;b:80", "tcp://**:80", "tcp:// *:80", "tcp://u@h:80"})
    EXPECT_NE(why_not(text).find("an IPv4 address"), std::string::npos) << text;
  EXPECT_NE(why_not("tcp://:80").find("the address is missing"), std::string::npos);
  for (const char* text : {"ipc://", "ipc://@"})
    EXPECT_NE(why_not(text).find("the path is missing"), std::string::npos) << text;
  EXPECT_NE(why_not("ipc://*").find("clients could not know"), std::string::npos);
  EXPECT_NE(why_not(std::string_view("ipc:///tmp/a\0b", 14)).find("zero bytes"), std::string::npos);
}

TEST(Endpoint, RefusesAPathThatTheSystemWouldCut) {
  EXPECT_TRUE(read_endpoint("ipc://" + std::string(107, 'p')));
  EXPECT_NE(why_not("ipc://" + std::string(108, 'p')).find("108 bytes, and 107 are the limit"), std::string::npos);
}

TEST(Endpoint, IsReachedFromThisMachine) {
  EXPECT_EQ(connect_address(*read_endpoint("tcp://*:56854")), "tcp://127.0.0.1:56854");
  EXPECT_EQ(connect_address(*read_endpoint("tcp://0.0.0.0:56854")), "tcp://127.0.0.1:56854");
  EXPECT_EQ(connect_address(*read_endpoint("tcp://10.0.0.7:56854")), "tcp://10.0.0.7:56854");
  EXPECT_EQ(connect_address(*read_endpoint("ipc:///tmp/x.sock")), "ipc:///tmp/x.sock");
}

}  // namespace
}  // namespace curlew
