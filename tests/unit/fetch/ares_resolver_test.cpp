#include "curlew/fetch/ares_resolver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace curlew {
namespace {

using namespace std::chrono_literals;

/// A name server on loopback that answers as it is told.
class NameServer {
 public:
  struct Reply {
    int code = 0;  // 0 fine, 2 server failure, 3 no such name, 5 refused
    std::vector<IpAddress> addresses;
    bool silent = false;
  };

  explicit NameServer(std::map<std::string, Reply> replies) : replies_(std::move(replies)) {
    fd_ = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~NameServer() {
    shutdown(fd_, SHUT_RD);
    thread_.join();
    close(fd_);
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  AresOptions options() const {
    return AresOptions{.servers = fmt::format("127.0.0.1:{}", port_), .try_for = 200ms, .tries = 2};
  }
  int questions() const { return questions_; }  // for IPv4 addresses
  void set(const std::string& name, Reply reply) {
    const std::scoped_lock lock(mutex_);
    replies_[name] = std::move(reply);
  }

 private:
  void serve() {
    std::array<unsigned char, 512> packet{};
    sockaddr_in from{};
    while (true) {
      socklen_t size = sizeof from;
      const ssize_t count = recvfrom(fd_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (count < 12) return;  // shut down
      const auto answer = answer_to(std::string(packet.begin(), packet.begin() + count));
      if (answer) sendto(fd_, answer->data(), answer->size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  std::optional<std::string> answer_to(const std::string& question) {
    std::string name;
    std::size_t at = 12;
    while (question.at(at) != 0) {
      if (!name.empty()) name += '.';
      const auto length = static_cast<unsigned char>(question[at]);
      name += question.substr(at + 1, length);
      at += length + 1U;
    }
    const int type = question.at(at + 2);  // 1: A, 28: AAAA
    if (type == 1) ++questions_;
    const std::scoped_lock lock(mutex_);
    const auto found = replies_.find(name);
    const Reply reply = found == replies_.end() ? Reply{.code = 3, .addresses = {}} : found->second;
    if (reply.silent) return std::nullopt;

    std::string records;
    int count = 0;
    for (const IpAddress& address : reply.addresses) {
      const bool v4 = address.family == IpAddress::Family::kV4;
      if (v4 != (type == 1)) continue;
      records += std::string("\xc0\x0c\0", 3) + static_cast<char>(type) + std::string("\0\1\0\0\0\x3c\0", 7);
      records += static_cast<char>(v4 ? 4 : 16);
      records.append(reinterpret_cast<const char*>(address.bytes.data()), v4 ? 4 : 16);
      ++count;
    }
    std::string answer = question.substr(0, 2);
    answer += '\x81';
    answer += static_cast<char>(0x80 | reply.code);
    answer += std::string("\0\1\0", 3) + static_cast<char>(count) + std::string(4, '\0');
    return answer + question.substr(12, at + 5 - 12) + records;
  }

  std::mutex mutex_;
  std::map<std::string, Reply> replies_;
  std::atomic<int> questions_ = 0;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void pump(Resolver& resolver, const std::function<bool()>& done) {
  const TimePoint give_up = now() + 20s;
  while (!done() && now() < give_up) {
    std::vector<pollfd> sockets;
    resolver.add_sockets(sockets);
    const TimePoint wake = std::min(resolver.wake_at().value_or(give_up), give_up);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::max(wake - now(), Duration::zero()));
    ::poll(sockets.data(), sockets.size(), static_cast<int>(wait.count()));
    resolver.process(sockets);
  }
  EXPECT_TRUE(done()) << "no answer in time";
}

Resolver::Answers ask(Resolver& resolver, const std::string& host) {
  std::optional<Resolver::Answers> answers;
  resolver.resolve(host, [&](Resolver::Answers given) { answers = std::move(given); });
  EXPECT_FALSE(answers) << "answered from inside resolve";
  pump(resolver, [&] { return answers.has_value(); });
  return answers ? *answers : failure(ErrorCode::kInternal, "no answer");
}

TEST(AresResolver, GivesAllAddressesOfBothKinds) {
  const IpAddress v6 = *parse_address("2001:db8::7");
  NameServer server({{"bird.test", {.code = 0, .addresses = {make_v4(192, 0, 2, 1), make_v4(192, 0, 2, 2), v6}}}});
  AresResolver resolver(server.options());
  const auto answers = ask(resolver, "bird.test");
  ASSERT_TRUE(answers);
  EXPECT_EQ(answers->size(), 3U);
  EXPECT_NE(std::find(answers->begin(), answers->end(), v6), answers->end());
  EXPECT_NE(std::find(answers->begin(), answers->end(), make_v4(192, 0, 2, 2)), answers->end());
}

TEST(AresResolver, ANameThatDoesNotExistIsNotTriedAgain) {
  NameServer server({{"empty.test", {.code = 0, .addresses = {}}}});
  AresResolver resolver(server.options());
  for (const char* name : {"missing.test", "empty.test"}) {
    const auto answers = ask(resolver, name);
    ASSERT_FALSE(answers);
    EXPECT_EQ(answers.error().code, ErrorCode::kDnsFailed) << name;
    EXPECT_FALSE(answers.error().retryable) << name;
  }
}

TEST(AresResolver, ServersThatFailOrAreSilentMayPass) {
  NameServer server({{"broken.test", {.code = 2, .addresses = {}}},
                     {"refused.test", {.code = 5, .addresses = {}}},
                     {"silent.test", {.code = 0, .addresses = {}, .silent = true}}});
  AresResolver resolver(server.options());
  for (const char* name : {"broken.test", "refused.test", "silent.test"}) {
    const auto answers = ask(resolver, name);
    ASSERT_FALSE(answers);
    EXPECT_EQ(answers.error().code, ErrorCode::kDnsFailed) << name;
    EXPECT_TRUE(answers.error().retryable) << name;
  }
}

TEST(AresResolver, HonoursTheHostsFile) {
  NameServer server({});
  AresResolver resolver(server.options());
  const auto answers = ask(resolver, "localhost");
  ASSERT_TRUE(answers);
  EXPECT_EQ(server.questions(), 0);
}

TEST(AresResolver, AsksOnceForWhatItRemembers) {
  NameServer server({{"bird.test", {.code = 0, .addresses = {make_v4(192, 0, 2, 1)}}}});
  AresResolver resolver(server.options());
  EXPECT_TRUE(ask(resolver, "bird.test"));
  EXPECT_TRUE(ask(resolver, "bird.test"));
  EXPECT_EQ(server.questions(), 1);
}

TEST(AresResolver, RemembersNoFailure) {
  NameServer server({});
  AresResolver resolver(server.options());
  EXPECT_FALSE(ask(resolver, "bird.test"));
  server.set("bird.test", {.code = 0, .addresses = {make_v4(192, 0, 2, 1)}});
  EXPECT_TRUE(ask(resolver, "bird.test"));
}

TEST(AresResolver, SeveralWhoWaitForOneNameShareOneQuestion) {
  NameServer server({{"bird.test", {.code = 0, .addresses = {make_v4(192, 0, 2, 1)}}}});
  AresResolver resolver(server.options());
  int answered = 0;
  for (int i = 0; i < 5; ++i) resolver.resolve("bird.test", [&](const Resolver::Answers& a) { answered += a ? 1 : 0; });
  pump(resolver, [&] { return answered == 5; });
  EXPECT_EQ(server.questions(), 1);
}

TEST(AresResolver, AnswersNobodyWhoCancelled) {
  NameServer server({{"bird.test", {.code = 0, .addresses = {make_v4(192, 0, 2, 1)}}}});
  AresResolver resolver(server.options());
  bool answered = false;
  bool other_answered = false;
  const auto ticket = resolver.resolve("bird.test", [&](const Resolver::Answers&) { answered = true; });
  resolver.cancel(ticket);
  resolver.resolve("bird.test", [&](const Resolver::Answers&) { other_answered = true; });
  pump(resolver, [&] { return other_answered; });
  EXPECT_FALSE(answered);
  resolver.cancel(ticket);
}

TEST(AresResolver, EndsWithQuestionsUnderWay) {
  NameServer server({{"silent.test", {.code = 0, .addresses = {}, .silent = true}}});
  bool answered = false;
  {
    AresResolver resolver(server.options());
    resolver.resolve("silent.test", [&](const Resolver::Answers&) { answered = true; });
  }
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace curlew
