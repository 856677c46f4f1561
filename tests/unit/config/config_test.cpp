#include "curlew/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Config, DefaultsAreThoseOfTheRooms) {
  const FetchOptions fetch = fetch_options(Config{});
  const FetchLimits room;
  EXPECT_EQ(fetch.limits.picture_bytes, room.picture_bytes);
  EXPECT_EQ(fetch.limits.connect, room.connect);
  EXPECT_EQ(fetch.limits.total, room.total);
  EXPECT_EQ(fetch.limits.download_total, room.download_total);
  EXPECT_EQ(fetch.limits.low_speed_bytes_per_s, room.low_speed_bytes_per_s);
  EXPECT_EQ(fetch.limits.low_speed_for, room.low_speed_for);
  EXPECT_EQ(fetch.limits.resolve, room.resolve);
  EXPECT_EQ(fetch.limits.redirects, room.redirects);
  EXPECT_EQ(fetch.limits.tries, room.tries);
  EXPECT_EQ(fetch.limits.connections_per_origin, room.connections_per_origin);
  EXPECT_EQ(decode_limits(Config{}).pixels, DecodeLimits{}.pixels);
  EXPECT_EQ(decode_limits(Config{}).side_px, DecodeLimits{}.side_px);
  EXPECT_EQ(pipeline_limits(Config{}, 4).items_in_flight, PipelineLimits{}.items_in_flight);
  EXPECT_EQ(pipeline_limits(Config{}, 4).transfers_per_origin, PipelineLimits{}.transfers_per_origin);
}

TEST(Config, DefaultLimitsAreThoseThatClientsRelyOn) {
  const Config config;
  EXPECT_EQ(config.limits.list_items, 10'000U);
  EXPECT_EQ(config.limits.picture_bytes, 20 * kMiB);
  EXPECT_EQ(config.limits.bytes_in_flight, 512 * kMiB);
  EXPECT_EQ(config.limits.items_in_flight, 64U);
  EXPECT_EQ(config.infer.workers, -1);
  EXPECT_EQ(config.infer.device, "CPU");
}

TEST(Config, TheUserAgentNamesTheProgram) {
  EXPECT_THAT(fetch_options(Config{}).user_agent, StartsWith("Curlew/" + std::string(version()) + " "));
}

TEST(Config, SecondsMayHaveFractions) {
  Config config;
  config.fetch.connect_timeout_s = 0.25;
  config.limits.megapixels = 0.5;
  EXPECT_EQ(fetch_options(config).limits.connect, std::chrono::milliseconds(250));
  EXPECT_EQ(decode_limits(config).pixels, 500'000U);
}

TEST(Config, WorkersAreOneACoreWhereNobodySays) {
  Config config;
  EXPECT_EQ(pipeline_limits(config, 6).workers, 6);
  config.infer.workers = 3;
  EXPECT_EQ(pipeline_limits(config, 6).workers, 3);
  config.infer.workers = 0;
  EXPECT_EQ(pipeline_limits(config, 6).workers, 0);
}

TEST(Config, AWorkerHasTwoThreadsSoThatNoCoreIdlesWhileOneWaits) {
  EXPECT_EQ(pipeline_limits(Config{}, 6).threads_per_worker, 2);
}

TEST(CommandLineWorkers, AreHalfOfTheCoresButTwoOfTwo) {
  EXPECT_EQ(command_line_workers(1), 1);
  EXPECT_EQ(command_line_workers(2), 2);
  EXPECT_EQ(command_line_workers(3), 2);
  EXPECT_EQ(command_line_workers(8), 4);
  EXPECT_EQ(command_line_workers(64), 32);
}

TEST(ModelFolders, ThoseOfTheEnvironmentComeFirst) {
  Config config;
  config.models.path = {"/c"};
  EXPECT_THAT(model_folders(config, {{"CURLEW_MODELS", "/a::/b:"}}), ElementsAre("/a", "/b", "/c"));
  EXPECT_THAT(model_folders(config, {}), ElementsAre("/c"));
}

TEST(CacheFolder, IsTheFirstThatIsSet) {
  Environment environment = {{"CURLEW_CACHE", "/own"}, {"XDG_CACHE_HOME", "/xdg"}, {"HOME", "/home/me"}};
  EXPECT_EQ(cache_folder(environment), "/own");
  environment["CURLEW_CACHE"] = "";
  EXPECT_EQ(cache_folder(environment), "/xdg/curlew");
  environment["XDG_CACHE_HOME"] = "relative";
  EXPECT_EQ(cache_folder(environment), "/home/me/.cache/curlew");
  EXPECT_EQ(cache_folder({}), std::nullopt);
}

TEST(ProcessEnvironment, HoldsWhatTheProcessWasGiven) {
  ASSERT_EQ(setenv("CURLEW_FETCH_TRIES", "4=5", 1), 0);
  const Environment environment = process_environment();
  ASSERT_EQ(unsetenv("CURLEW_FETCH_TRIES"), 0);
  ASSERT_TRUE(environment.contains("CURLEW_FETCH_TRIES"));
  EXPECT_EQ(environment.at("CURLEW_FETCH_TRIES"), "4=5");
}

class ConfigFile : public testing::Test {
 public:
  ConfigFile()
      : path_(std::filesystem::path(testing::TempDir()) / ("curlew_config_" + std::to_string(getpid()) + ".toml")) {}
  ~ConfigFile() override { std::filesystem::remove(path_); }

 protected:
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  std::filesystem::path path_;
};

TEST_F(ConfigFile, IsReadWhole) {
  write("[fetch]\r\ntries = 3\n");
  const auto text = read_config_file(path_);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "[fetch]\r\ntries = 3\n");
}

TEST_F(ConfigFile, HasALimit) {
  write(std::string(kMiB, '#'));
  EXPECT_TRUE(read_config_file(path_));
  write(std::string(kMiB + 1, '#'));
  const auto text = read_config_file(path_);
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("larger than 1 MiB"));
}

TEST_F(ConfigFile, ThatIsNotThereOrAFolderIsAnError) {
  const auto missing = read_config_file(path_);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr(path_.string()));
  EXPECT_FALSE(read_config_file(testing::TempDir()));
}

}  // namespace
}  // namespace curlew
