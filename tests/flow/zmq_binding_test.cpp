#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "curlew/base/startup_error.hpp"
#include "curlew/zmq/endpoint.hpp"
#include "curlew/zmq/publisher.hpp"
#include "curlew/zmq/reply_server.hpp"
#include "flow/zmq_fixture.hpp"

namespace curlew {
namespace {

using namespace testing_zmq;

std::unique_ptr<ReplyServer> echo_at(std::vector<std::string> endpoints) {
  ReplyServer::Options options;
  options.endpoints = std::move(endpoints);
  auto server = std::make_unique<ReplyServer>(options, echo);
  server->start();
  return server;
}

struct Refused {
  ExitStatus status = ExitStatus::kOk;
  std::string message;
};

Refused refused(const std::vector<std::string>& endpoints) {
  try {
    echo_at(endpoints);
    return {};
  } catch (const StartupError& e) {
    return {e.status(), e.what()};
  }
}

/// Till a condition holds that no event tells of.
template <class Condition>
bool wait_until(Condition is_so) {
  const TimePoint deadline = now() + kPatience;
  while (!is_so() && now() < deadline) std::this_thread::yield();
  return is_so();
}

TEST(Binding, FindsFreePorts) {
  const auto server = echo_at({"tcp://127.0.0.1:*", "tcp://*:*"});
  const auto addresses = server->addresses();
  ASSERT_EQ(addresses.size(), 2U);
  EXPECT_TRUE(addresses[0].starts_with("tcp://127.0.0.1:"));
  EXPECT_TRUE(addresses[1].starts_with("tcp://0.0.0.0:"));
  EXPECT_TRUE(is_well(addresses[0]));
  EXPECT_TRUE(is_well(connect_address(*read_endpoint(addresses[1]))));
}

TEST(Binding, TakesNoPortOfAnotherProgram) {
  const auto server = echo_at({"tcp://127.0.0.1:*"});
  const std::string address = server->addresses().front();
  const Refused why = refused({address});
  EXPECT_EQ(why.status, ExitStatus::kEnvironment);
  EXPECT_EQ(why.message,
            "zmq.rep_sockets: " + address + " is taken by another program; choose another port, or end that program");

  Publisher::Options options;
  options.endpoints = {address};
  try {
    const Publisher publisher(options, {});
    ADD_FAILURE() << "it took the port";
  } catch (const StartupError& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with("zmq.pub_sockets: tcp://")) << e.what();
  }
  EXPECT_TRUE(is_well(address));
}

TEST(Binding, TakesNoPathOfALivingProcess) {
  TemporaryFolder folder;
  const auto server = echo_at({folder.ipc("rep")});
  const Refused why = refused({"tcp://127.0.0.1:*", folder.ipc("rep")});
  EXPECT_EQ(why.status, ExitStatus::kEnvironment);
  EXPECT_EQ(why.message, "zmq.rep_sockets: " + folder.ipc("rep") +
                             ": another process listens there; end it, or choose another path");
  EXPECT_TRUE(is_well(folder.ipc("rep")));
}

TEST(Binding, TakesThePathOfADeadProcess) {
  TemporaryFolder folder;
  {
    // What a process leaves that was killed.
    zmq::context_t context(1);
    zmq::socket_t dead(context, zmq::socket_type::rep);
    dead.bind(folder.ipc("other"));
    std::filesystem::create_hard_link(folder.path("other"), folder.path("rep"));
  }
  ASSERT_TRUE(std::filesystem::is_socket(folder.path("rep")));
  const auto server = echo_at({folder.ipc("rep")});
  EXPECT_TRUE(is_well(folder.ipc("rep")));
}

TEST(Binding, LeavesAFileAlone) {
  TemporaryFolder folder;
  std::ofstream(folder.path("rep")) << "precious";
  const Refused why = refused({folder.ipc("rep")});
  EXPECT_EQ(why.status, ExitStatus::kEnvironment);
  EXPECT_NE(why.message.find("is no socket, and stays"), std::string::npos) << why.message;
  EXPECT_EQ(std::filesystem::file_size(folder.path("rep")), 8U);
}

TEST(Binding, SaysWhatIsWrongWithAnEndpoint) {
  TemporaryFolder folder;
  EXPECT_EQ(refused({"http://127.0.0.1:80"}).status, ExitStatus::kUsage);
  EXPECT_EQ(refused({"tcp://127.0.0.1"}).status, ExitStatus::kUsage);
  EXPECT_EQ(refused({"tcp://nosuchinterface:*"}).status, ExitStatus::kUsage);
  const Refused address = refused({"tcp://192.0.2.1:*"});
  EXPECT_EQ(address.status, ExitStatus::kEnvironment);
  EXPECT_NE(address.message.find("this machine has no such address"), std::string::npos) << address.message;
  const Refused no_folder = refused({folder.ipc("no/rep")});
  EXPECT_EQ(no_folder.status, ExitStatus::kEnvironment);
  EXPECT_NE(no_folder.message.find("its folder is not there"), std::string::npos) << no_folder.message;
}

TEST(Binding, LeavesNothingBehindWhereOneEndpointFails) {
  TemporaryFolder folder;
  EXPECT_EQ(refused({folder.ipc("rep"), folder.ipc("no/rep")}).status, ExitStatus::kEnvironment);
  EXPECT_FALSE(std::filesystem::exists(folder.path("rep")));
}

TEST(Binding, KeepsItsIpcSocketsToItsOwnerAndRemovesThemAtTheEnd) {
  TemporaryFolder folder;
  auto server = echo_at({folder.ipc("rep")});
  struct stat file {};
  ASSERT_EQ(::lstat(folder.path("rep").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(folder.path("rep")));
}

TEST(Binding, RemovesNoFileOfSomebodyElse) {
  TemporaryFolder folder;
  auto server = echo_at({folder.ipc("rep")});
  std::filesystem::remove(folder.path("rep"));
  const auto successor = echo_at({folder.ipc("rep")});
  server.reset();
  EXPECT_TRUE(is_well(folder.ipc("rep")));
}

TEST(Binding, ServesNamesWithoutAFile) {
  TemporaryFolder folder;
  const std::string name = "ipc://@" + folder.path("rep");
  const auto server = echo_at({name});
  EXPECT_EQ(server->addresses(), std::vector<std::string>{name});
  EXPECT_TRUE(is_well(name));
}

TEST(Rebind, KeepsConnectionsAndPorts) {
  TemporaryFolder folder;
  const std::vector<std::string> endpoints{"tcp://127.0.0.1:*", folder.ipc("rep")};
  const auto server = echo_at(endpoints);
  const auto addresses = server->addresses();
  OddClient tcp(zmq::socket_type::req, addresses[0]);
  OddClient ipc(zmq::socket_type::req, addresses[1]);
  for (OddClient* client : {&tcp, &ipc}) {
    client->send({"before"});
    EXPECT_EQ(client->receive(), Frames{"before"});
  }
  std::filesystem::remove(folder.path("rep"));  // somebody cleaned up
  server->rebind(endpoints);
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(folder.path("rep")); }));
  for (OddClient* client : {&tcp, &ipc}) {
    client->send({"after"});
    EXPECT_EQ(client->receive(), Frames{"after"});
  }
  EXPECT_EQ(server->addresses(), addresses);
  for (const std::string& address : addresses) EXPECT_TRUE(is_well(address));
}

TEST(Rebind, MovesToOtherPlaces) {
  TemporaryFolder folder;
  const auto server = echo_at({"tcp://127.0.0.1:*", folder.ipc("old")});
  const auto old = server->addresses();
  OddClient connected(zmq::socket_type::req, old[0]);
  connected.send({"before"});
  EXPECT_EQ(connected.receive(), Frames{"before"});
  server->rebind({folder.ipc("new"), "tcp://127.0.0.1:*", "nonsense"});
  ASSERT_TRUE(wait_until([&] { return server->addresses().front() == folder.ipc("new"); }));
  EXPECT_TRUE(is_well(folder.ipc("new")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("old")));
  EXPECT_EQ(server->addresses().back(), old[0]);  // the port it had
  connected.send({"after"});
  EXPECT_EQ(connected.receive(), Frames{"after"});
}

TEST(Rebind, LosesNoReplyThatAClientWaitsFor) {
  TemporaryFolder folder;
  HeldRequests held;
  ReplyServer::Options options;
  options.endpoints = {"tcp://127.0.0.1:*", folder.ipc("rep")};
  ReplyServer server(options, held.handler());
  server.start();
  OddClient tcp(zmq::socket_type::req, server.addresses()[0]);
  OddClient ipc(zmq::socket_type::req, server.addresses()[1]);
  for (OddClient* client : {&tcp, &ipc}) client->send({"request"});
  ASSERT_TRUE(held.wait_for(2));
  std::filesystem::remove(folder.path("rep"));
  server.rebind(options.endpoints);
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(folder.path("rep")); }));
  for (std::size_t i = 0; i < 2; ++i) held.answer(i, {"reply"});
  for (OddClient* client : {&tcp, &ipc}) EXPECT_EQ(client->receive(), Frames{"reply"});
}

TEST(Rebind, LetsGoOfAPortAndTakesAWiderOne) {
  const auto server = echo_at({"tcp://127.0.0.1:*"});
  const std::string port = server->addresses().front().substr(std::string("tcp://127.0.0.1:").size());
  server->rebind({"tcp://*:" + port});
  ASSERT_TRUE(wait_until([&] { return server->addresses() == std::vector<std::string>{"tcp://0.0.0.0:" + port}; }));
  EXPECT_TRUE(is_well("tcp://127.0.0.1:" + port));
}

TEST(Rebind, TriesAgainUntilAPlaceIsFree) {
  TemporaryFolder folder;
  auto other = echo_at({folder.ipc("rep"), "tcp://127.0.0.1:*"});
  const std::string port = other->addresses().back();
  const auto server = echo_at({"tcp://127.0.0.1:*"});
  server->rebind({folder.ipc("rep"), port});
  ASSERT_TRUE(wait_until([&] { return server->addresses().empty(); }));
  EXPECT_TRUE(is_well(folder.ipc("rep")));                         // the other's
  const TimePoint later = now() + std::chrono::milliseconds(200);  // the second try, which comes soon, has failed too
  ASSERT_TRUE(wait_until([&] { return now() > later; }));
  EXPECT_TRUE(server->addresses().empty());
  other.reset();
  ASSERT_TRUE(wait_until([&] { return server->addresses().size() == 2; }));
  EXPECT_TRUE(is_well(folder.ipc("rep")));
  EXPECT_TRUE(is_well(port));
}

TEST(Rebind, KeepsSubscribers) {
  TemporaryFolder folder;
  Watched<int> subscriptions;
  Publisher::Options options;
  options.endpoints = {"tcp://127.0.0.1:*", folder.ipc("pub")};
  Publisher publisher(options, {.subscribed = [&](std::string_view, const Publisher::Send&) {
                        subscriptions.change([](int& count) { ++count; });
                      }});
  publisher.start();
  const Stopper stopper;
  Subscriber tcp(publisher.addresses()[0], stopper);
  Subscriber ipc(publisher.addresses()[1], stopper);
  for (Subscriber* subscriber : {&tcp, &ipc}) subscriber->subscribe("results");
  ASSERT_TRUE(subscriptions.wait([](int count) { return count == 2; }));
  std::filesystem::remove(folder.path("pub"));
  publisher.rebind(options.endpoints);
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(folder.path("pub")); }));
  Subscriber newcomer(publisher.addresses()[1], stopper);
  newcomer.subscribe("results");
  ASSERT_TRUE(subscriptions.wait([](int count) { return count >= 3; }));
  publisher.publish({"results", "id", "data"});
  for (Subscriber* subscriber : {&tcp, &ipc, &newcomer})
    EXPECT_EQ(subscriber->receive(now() + kPatience), (Frames{"results", "id", "data"}));
  EXPECT_EQ(subscriptions.get(), 3);
}

}  // namespace
}  // namespace curlew
