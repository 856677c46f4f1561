#include "curlew/fetch/local_files.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "curlew/fetch/make_fetcher.hpp"
#include "curlew/fetch/scheme_fetcher.hpp"

namespace curlew {
namespace {

class LocalFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "curlew-local-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  void expect_error(const std::filesystem::path& path, ErrorCode code) const {
    const auto bytes = read_local_file(path, 100);
    ASSERT_FALSE(bytes) << path;
    EXPECT_EQ(bytes.error().code, code) << path << ": " << bytes.error().message;
    EXPECT_FALSE(bytes.error().message.empty());
    EXPECT_EQ(bytes.error().message.find('/'), std::string::npos) << bytes.error().message;
  }

  std::filesystem::path folder_;
};

TEST_F(LocalFilesTest, ReadsARegularFileUpToTheLimit) {
  const auto bytes = read_local_file(write("a", std::string(100, 'x')), 100);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 100U);
  EXPECT_EQ(bytes->back(), std::byte{'x'});
  EXPECT_EQ(read_local_file(write("empty", ""), 100)->size(), 0U);
  expect_error(write("b", std::string(101, 'x')), ErrorCode::kTooLarge);
}

TEST_F(LocalFilesTest, FollowsALink) {
  std::filesystem::create_symlink(write("a", "bytes"), folder_ / "link");
  EXPECT_EQ(read_local_file(folder_ / "link", 100)->size(), 5U);
  std::filesystem::create_symlink(folder_ / "circle", folder_ / "circle");
  expect_error(folder_ / "circle", ErrorCode::kUrlInvalid);
}

TEST_F(LocalFilesTest, RefusesWhatIsNotThere) {
  expect_error(folder_ / "nothing", ErrorCode::kUrlInvalid);
  expect_error(write("a", "x") / "below", ErrorCode::kUrlInvalid);
  expect_error("", ErrorCode::kUrlInvalid);
  expect_error(folder_ / std::string(5000, 'n'), ErrorCode::kUrlInvalid);
}

TEST_F(LocalFilesTest, RefusesFoldersPipesDevicesAndSocketsWithoutWaiting) {
  expect_error(folder_, ErrorCode::kUrlInvalid);
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  expect_error(folder_ / "pipe", ErrorCode::kUrlInvalid);
  expect_error("/dev/zero", ErrorCode::kUrlInvalid);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, (folder_ / "s").c_str(), sizeof name.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  expect_error(folder_ / "s", ErrorCode::kUrlInvalid);
  close(fd);
}

TEST_F(LocalFilesTest, RefusesWhatMayNotBeRead) {
  const auto path = write("secret", "x");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const uid_t user = geteuid();
  const bool was_root = user == 0 && seteuid(65534) == 0;  // root may read everything, nobody may not
  expect_error(path, ErrorCode::kUrlInvalid);
  if (was_root) {
    ASSERT_EQ(seteuid(user), 0);
  }
}

class NoFetcher : public Fetcher {
 public:
  void start(const Source& source, Done done) override {
    EXPECT_TRUE(std::holds_alternative<Url>(source));
    done(FetchOutcome{.body = failure(ErrorCode::kDnsFailed, "handed on"), .started_at = now(), .ended_at = now()});
  }
  void cancel_all() override { cancelled = true; }
  bool cancelled = false;
};

TEST_F(LocalFilesTest, SchemeFetcherReadsFilesAndHandsUrlsOn) {
  ByteBudget budget(1000);
  SchemeFetcher fetcher(std::make_unique<NoFetcher>(), nullptr, budget, 100);
  std::optional<FetchOutcome> outcome;
  const auto keep = [&](FetchOutcome ended) { outcome = std::move(ended); };

  fetcher.start(LocalFile{write("a", "bytes")}, keep);
  ASSERT_TRUE(outcome && outcome->body);
  EXPECT_EQ(outcome->bytes().size(), 5U);
  EXPECT_EQ(budget.used(), 5U);
  outcome.reset();
  EXPECT_EQ(budget.used(), 0U);

  fetcher.start(*parse_url("http://bird.test/"), keep);
  EXPECT_EQ(outcome->body.error().message, "handed on");
  fetcher.start(LocalFile{folder_}, keep);
  EXPECT_EQ(outcome->body.error().code, ErrorCode::kUrlInvalid);
  fetcher.cancel_all();
  fetcher.start(LocalFile{folder_ / "a"}, keep);
  EXPECT_EQ(outcome->body.error().code, ErrorCode::kCancelled);
}

TEST_F(LocalFilesTest, SchemeFetcherWaitsForRoomUntilItIsGivenBack) {
  ByteBudget budget(10);
  int told = 0;
  SchemeFetcher fetcher(
      std::make_unique<NoFetcher>(), [&told] { ++told; }, budget, 100);
  auto taken = budget.try_reserve(8);
  const auto path = write("a", "bytes");
  auto size = std::async(std::launch::async, [&] {
    std::size_t read = 0;
    fetcher.start(LocalFile{path}, [&](const FetchOutcome& outcome) { read = outcome.bytes().size(); });
    return read;
  });
  taken.reset();
  EXPECT_EQ(size.get(), 5U);
  EXPECT_GE(told, 1);
}

TEST_F(LocalFilesTest, SchemeFetcherStopsWaitingWhenCancelled) {
  ByteBudget budget(10);
  SchemeFetcher fetcher(std::make_unique<NoFetcher>(), nullptr, budget, 100);
  const auto taken = budget.try_reserve(8);
  const auto path = write("a", "bytes");
  auto code = std::async(std::launch::async, [&] {
    ErrorCode seen = ErrorCode::kInternal;
    fetcher.start(LocalFile{path}, [&](const FetchOutcome& outcome) { seen = outcome.body.error().code; });
    return seen;
  });
  fetcher.cancel_all();
  EXPECT_EQ(code.get(), ErrorCode::kCancelled);
}

TEST(MakeFetcher, SaysWhatIsWrongWithAllowNet) {
  ByteBudget budget(10);
  FetchOptions options;
  options.allow_net = {"10.0.0.0/8", "private"};
  const auto fetcher = make_fetcher(options, budget, LocalFiles::kRead);
  ASSERT_FALSE(fetcher);
  EXPECT_NE(fetcher.error().find("\"private\""), std::string::npos);
  EXPECT_FALSE(make_downloader(options));
  options.allow_net.clear();
  EXPECT_TRUE(make_fetcher(options, budget, LocalFiles::kRead));
}

}  // namespace
}  // namespace curlew
