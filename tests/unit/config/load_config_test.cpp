#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "curlew/config/config.hpp"
#include "curlew/config/option_table.hpp"

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Result<LoadedConfig, ConfigError> load_toml(std::string toml) {
  return load_config({.file_name = "curlew.toml", .toml = std::move(toml), .environment = {}, .overrides = {}});
}

std::string error_of(const Result<LoadedConfig, ConfigError>& loaded) {
  return loaded ? "no error" : loaded.error().message;
}

Result<LoadedConfig, ConfigError> load_environment(Environment environment) {
  return load_config({.file_name = {}, .toml = {}, .environment = std::move(environment), .overrides = {}});
}

Result<LoadedConfig, ConfigError> load_flag(ConfigOverride given) {
  return load_config({.file_name = {}, .toml = {}, .environment = {}, .overrides = {std::move(given)}});
}

TEST(LoadConfig, NothingGivesTheDefaults) {
  const auto loaded = load_config({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.fetch.tries, 3);
  EXPECT_EQ(loaded->config.models.classify, "birds");
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(LoadConfig, APresetOfACommandGoesBeforeTheDefaultsOnly) {
  ConfigSources sources;
  sources.presets = {{.key = "decode.isolate", .flag = "classify", .values = {"false"}}};
  EXPECT_TRUE(load_config({})->config.decode.isolate);
  EXPECT_FALSE(load_config(sources)->config.decode.isolate);
  sources.environment = {{"CURLEW_DECODE_ISOLATE", "true"}};
  EXPECT_TRUE(load_config(sources)->config.decode.isolate);
  sources.environment.clear();
  sources.toml = "[decode]\nisolate = true\n";
  EXPECT_TRUE(load_config(sources)->config.decode.isolate);
}

TEST(LoadConfig, AFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile) {
  ConfigSources sources{.file_name = "curlew.toml",
                        .toml = "[fetch]\ntries = 5\nredirects = 5\nconnections_per_origin = 5\n",
                        .environment = {{"CURLEW_FETCH_TRIES", "6"}, {"CURLEW_FETCH_REDIRECTS", "6"}},
                        .overrides = {{.key = "fetch.tries", .flag = "--tries", .values = {"7"}}}};
  const auto loaded = load_config(sources);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->config.fetch.tries, 7);
  EXPECT_EQ(loaded->config.fetch.redirects, 6);
  EXPECT_EQ(loaded->config.fetch.connections_per_origin, 5);
}

TEST(LoadConfig, ReadsEveryTypeFromAFile) {
  const auto loaded = load_toml(R"(
[fetch]
allow_net = ["10.0.0.0/8", "fd00::/8"]
connect_timeout_s = 2
[models]
path = "/models"
[infer]
device = "GPU"
[log]
level = "debug"
)");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->config.fetch.allow_net, ElementsAre("10.0.0.0/8", "fd00::/8"));
  EXPECT_EQ(loaded->config.fetch.connect_timeout_s, 2.0);
  EXPECT_THAT(loaded->config.models.path, ElementsAre("/models")) << "a list of one may be a plain text";
  EXPECT_EQ(loaded->config.infer.device, "GPU");
  EXPECT_EQ(loaded->config.log.level, LogLevel::kDebug);
}

TEST(LoadConfig, TheDefaultFileGivesTheDefaults) {
  const auto loaded = load_toml(default_config_toml());
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Config defaults;
  const Config& read = loaded->config;
  EXPECT_EQ(read.fetch.user_agent, defaults.fetch.user_agent);
  EXPECT_EQ(read.limits.bytes_in_flight, defaults.limits.bytes_in_flight);
  EXPECT_EQ(read.log.level, defaults.log.level);
  for (const Option& option : option_table()) {
    EXPECT_THAT(default_config_toml(), HasSubstr("\n" + std::string(option.key) + " = "));
  }
}

TEST(LoadConfig, EveryValueOfTheDefaultFileIsTheTables) {
  // A key at a time, so that a row which sets another member shows.
  for (const Option& option : option_table()) {
    const auto loaded = load_toml("[" + std::string(option.section) + "]\n" + std::string(option.key) + " = " +
                                  to_toml(option.default_value));
    EXPECT_TRUE(loaded) << option.name();
  }
}

TEST(LoadConfig, EveryRowSetsAMemberOfItsOwn) {
  Config config;
  auto set = [&](std::string_view name, const OptionValue& value) { find_option(name)->set(config, value); };
  set("limits.items_in_flight", std::int64_t{1});
  set("limits.bytes_in_flight", std::int64_t{2});
  set("limits.list_items", std::int64_t{3});
  set("limits.picture_bytes", std::int64_t{4});
  set("limits.side_px", std::int64_t{5});
  set("limits.megapixels", 6.0);
  set("fetch.connect_timeout_s", 7.0);
  set("fetch.resolve_timeout_s", 8.0);
  set("fetch.total_timeout_s", 9.0);
  set("fetch.low_speed_bytes_per_s", std::int64_t{10});
  set("fetch.low_speed_time_s", std::int64_t{11});
  set("fetch.redirects", std::int64_t{12});
  set("fetch.tries", std::int64_t{13});
  set("fetch.connections_per_origin", std::int64_t{14});
  set("infer.workers", std::int64_t{15});
  EXPECT_EQ(config.limits.items_in_flight, 1U);
  EXPECT_EQ(config.limits.bytes_in_flight, 2U);
  EXPECT_EQ(config.limits.list_items, 3U);
  EXPECT_EQ(config.limits.picture_bytes, 4U);
  EXPECT_EQ(config.limits.side_px, 5);
  EXPECT_EQ(config.limits.megapixels, 6.0);
  EXPECT_EQ(config.fetch.connect_timeout_s, 7.0);
  EXPECT_EQ(config.fetch.resolve_timeout_s, 8.0);
  EXPECT_EQ(config.fetch.total_timeout_s, 9.0);
  EXPECT_EQ(config.fetch.low_speed_bytes_per_s, 10U);
  EXPECT_EQ(config.fetch.low_speed_time_s, 11);
  EXPECT_EQ(config.fetch.redirects, 12);
  EXPECT_EQ(config.fetch.tries, 13);
  EXPECT_EQ(config.fetch.connections_per_origin, 14);
  EXPECT_EQ(config.infer.workers, 15);
}

TEST(LoadConfig, AnUnknownKeyNamesTheNearest) {
  EXPECT_EQ(error_of(load_toml("[fetch]\n\ntrys = 3\n")),
            "curlew.toml:3: there is no key fetch.trys; did you mean fetch.tries?");
  EXPECT_THAT(error_of(load_toml("tries = 3\n")), HasSubstr("did you mean fetch.tries?"));
}

TEST(LoadConfig, AnUnknownSectionNamesThoseThatThereAre) {
  EXPECT_EQ(error_of(load_toml("[fetsh]\ntries = 3\n")),
            "curlew.toml:1: there is no section [fetsh]; there are http, zmq, store, fetch, decode, infer, models, "
            "limits, log");
  EXPECT_THAT(error_of(load_toml("fetch = 3\n")), HasSubstr("must be a section"));
}

TEST(LoadConfig, AWrongValueSaysWhereAndWhatIsAllowed) {
  EXPECT_EQ(error_of(load_toml("[fetch]\ntries = 99\n")),
            "curlew.toml:2: fetch.tries must be an integer from 1 to 10, not 99");
  EXPECT_EQ(error_of(load_toml("[fetch]\ntries = \"3\"\n")),
            "curlew.toml:2: fetch.tries must be an integer from 1 to 10, not \"3\"");
  EXPECT_THAT(error_of(load_toml("[fetch]\nconnect_timeout_s = nan\n")), HasSubstr("must be a number from 0.1 to 300"));
  EXPECT_THAT(error_of(load_toml("[fetch]\nallow_net = [1]\n")), HasSubstr("must be a list of texts"));
  EXPECT_THAT(error_of(load_toml("[log]\nlevel = 1979-05-27\n")), HasSubstr("must be one of debug"));
}

TEST(LoadConfig, WhatIsNotTomlSaysInWhichLine) {
  EXPECT_THAT(error_of(load_toml("[fetch]\ntries = = 3\n")), StartsWith("curlew.toml:2: this is not TOML: "));
  EXPECT_THAT(error_of(load_toml("[fetch]\ntries = 3\ntries = 4\n")), StartsWith("curlew.toml:3: this is not TOML: "));
}

TEST(LoadConfig, AWrongVariableSaysItsName) {
  EXPECT_EQ(error_of(load_environment({{"CURLEW_FETCH_TRIES", "many"}})),
            "the environment variable CURLEW_FETCH_TRIES must be an integer from 1 to 10, not many");
}

TEST(LoadConfig, AVariableSetToNothingCountsForTextsAndListsOnly) {
  const auto loaded = load_environment({{"CURLEW_FETCH_TRIES", ""},
                                        {"CURLEW_LOG_LEVEL", ""},
                                        {"CURLEW_FETCH_USER_AGENT", ""},
                                        {"CURLEW_FETCH_ALLOW_NET", ""}});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->config.fetch.tries, 3);
  EXPECT_EQ(loaded->config.fetch.user_agent, "");
}

TEST(LoadConfig, AVariableThatIsNoKeyIsAWarning) {
  const auto loaded = load_environment({{"CURLEW_FETCH_TRYS", "4"},
                                        {"CURLEW_MODELS", "/models"},
                                        {"CURLEW_CACHE", "/cache"},
                                        {"CURLEW_SERVICE_HOST", "10.0.0.1"},
                                        {"HOME", "/home/me"}});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_THAT(loaded->warnings[0], HasSubstr("CURLEW_FETCH_TRYS is ignored"));
  EXPECT_THAT(loaded->warnings[0], HasSubstr("did you mean fetch.tries?"));
}

TEST(LoadConfig, AFlagMayBeRepeatedForAList) {
  const auto loaded =
      load_flag({.key = "fetch.allow_net", .flag = "--allow-net", .values = {"10.0.0.0/8", "fd00::/8"}});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->config.fetch.allow_net, ElementsAre("10.0.0.0/8", "fd00::/8"));
}

TEST(LoadConfig, AWrongFlagSaysItsName) {
  EXPECT_EQ(error_of(load_flag({.key = "infer.workers", .flag = "--workers", .values = {"two"}})),
            "--workers must be an integer from -1 to 1024, not two");
  EXPECT_THAT(error_of(load_flag({.key = "infer.workers", .flag = "--workers", .values = {"1", "2"}})),
              HasSubstr("not 1 2"));
}

TEST(LoadConfig, MessagesCannotDriveTheTerminal) {
  EXPECT_THAT(error_of(load_toml("\"a\\u001b[2J\" = 1\n")), Not(HasSubstr("\x1b")));
  EXPECT_THAT(error_of(load_toml("[log]\nlevel = \"\\u001b[2J\"\n")), Not(HasSubstr("\x1b")));
  EXPECT_THAT(error_of(load_environment({{"CURLEW_FETCH_TRIES", "\x1b[2J"}})), Not(HasSubstr("\x1b")));
}

TEST(LoadConfig, SurvivesArbitraryBytes) {
  std::mt19937 random(13);
  static constexpr std::string_view kBytes = "[]{}=\"'#.,\n\r\t 019-:Ttrueinf_\\ux\xff\0fetch";
  for (int round = 0; round < 10'000; ++round) {
    std::string toml = round % 2 == 0 ? "[fetch]\n" : "";
    for (auto length = random() % 60; length > 0; --length) toml += kBytes[random() % kBytes.size()];
    const auto loaded = load_toml(toml);
    if (loaded) continue;
    ASSERT_THAT(loaded.error().message, StartsWith("curlew.toml:"));
  }
}

TEST(LoadConfig, SurvivesDeepNests) {
  for (const std::string open : {"[", "{a=", "[["}) {
    std::string toml = "[fetch]\nallow_net = ";
    for (int depth = 0; depth < 100'000; ++depth) toml += open;
    EXPECT_FALSE(load_toml(toml));
  }
  for (const int dots : {9'000, 100'000}) {
    std::string name = "a";
    for (int dot = 0; dot < dots; ++dot) name += ".a";
    EXPECT_FALSE(load_toml(name + " = 1\n"));
    EXPECT_FALSE(load_toml("[" + name + "]\n"));
  }
}

}  // namespace
}  // namespace curlew
