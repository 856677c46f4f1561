#include "curlew/config/option_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <limits>
#include <set>

namespace curlew {
namespace {

using Texts = std::vector<std::string>;

const Option& option(std::string_view name) {
  const Option* found = find_option(name);
  if (found == nullptr) throw std::runtime_error("no such option");
  return *found;
}

TEST(OptionTable, EveryRowIsWhole) {
  std::set<std::string> names;
  std::set<std::string_view> sections;
  for (const OptionSection& section : option_sections()) sections.insert(section.name);
  for (const Option& row : option_table()) {
    EXPECT_TRUE(names.insert(row.name()).second) << row.name() << " is there twice";
    EXPECT_TRUE(sections.contains(row.section)) << row.name();
    EXPECT_TRUE(row.accepts(row.default_value)) << row.name() << ": the default is not allowed";
    EXPECT_TRUE(row.help.ends_with('.')) << row.name();
    EXPECT_NE(row.set, nullptr) << row.name();
    const bool number =
        std::holds_alternative<std::int64_t>(row.default_value) || std::holds_alternative<double>(row.default_value);
    EXPECT_EQ(number, row.min < row.max) << row.name() << ": numbers, and only they, have limits";
  }
}

TEST(OptionTable, EverySectionHasAKey) {
  for (const OptionSection& section : option_sections()) {
    const auto in_section = [&](const Option& row) { return row.section == section.name; };
    EXPECT_TRUE(std::ranges::any_of(option_table(), in_section)) << section.name;
  }
}

TEST(Option, HasItsNameInTheEnvironment) { EXPECT_EQ(option("fetch.allow_net").variable(), "CURLEW_FETCH_ALLOW_NET"); }

TEST(Option, SaysWhatIsAllowed) {
  EXPECT_EQ(option("fetch.tries").allowed(), "an integer from 1 to 10");
  EXPECT_EQ(option("fetch.connect_timeout_s").allowed(), "a number from 0.1 to 300");
  EXPECT_EQ(option("log.level").allowed(), "one of debug, info, warning, error");
}

TEST(Option, AcceptsItsTypeWithinItsLimitsOnly) {
  const Option& tries = option("fetch.tries");
  EXPECT_TRUE(tries.accepts(std::int64_t{1}));
  EXPECT_TRUE(tries.accepts(std::int64_t{10}));
  EXPECT_FALSE(tries.accepts(std::int64_t{0}));
  EXPECT_FALSE(tries.accepts(std::int64_t{11}));
  EXPECT_FALSE(tries.accepts(3.0));
  EXPECT_FALSE(option("fetch.connect_timeout_s").accepts(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(option("fetch.connect_timeout_s").accepts(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(option("log.level").accepts(std::string("loud")));
}

TEST(Option, TakesNoTextWithALineEnd) {
  EXPECT_FALSE(option("fetch.user_agent").accepts(std::string("me\r\nHost: other")));
  EXPECT_FALSE(option("fetch.allow_net").accepts(Texts{"10.0.0.0/8", "\n"}));
  EXPECT_TRUE(option("fetch.user_agent").accepts(std::string("Zaunkönig/1.0 (me)")));
}

TEST(Option, ReadsTextsAsTheEnvironmentHasThem) {
  EXPECT_EQ(option("fetch.tries").read(" 7 "), OptionValue(std::int64_t{7}));
  EXPECT_EQ(option("infer.workers").read("-1"), OptionValue(std::int64_t{-1}));
  EXPECT_EQ(option("fetch.connect_timeout_s").read("2"), OptionValue(2.0));
  EXPECT_EQ(option("fetch.allow_net").read("10.0.0.0/8, fd00::/8,"), OptionValue(Texts{"10.0.0.0/8", "fd00::/8"}));
  EXPECT_EQ(option("fetch.allow_net").read(""), OptionValue(Texts{}));
  EXPECT_EQ(option("fetch.ca_file").read(" x "), OptionValue(std::string(" x ")));
  for (const char* wrong : {"", "7x", "0x7", "7.5", "99999999999999999999", "seven", "11"}) {
    EXPECT_FALSE(option("fetch.tries").read(wrong)) << wrong;
  }
  for (const char* wrong : {"nan", "inf", "1e999", "1,5", "0"}) {
    EXPECT_FALSE(option("fetch.connect_timeout_s").read(wrong)) << wrong;
  }
}

TEST(NearestOption, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_option("fetch.trys"), "fetch.tries");
  EXPECT_EQ(nearest_option("fetch.allow-net"), "fetch.allow_net");
  EXPECT_EQ(nearest_option("fetch.connect_timeout"), "fetch.connect_timeout_s");
  EXPECT_EQ(nearest_option("fetch.workers"), "infer.workers") << "the right key in the wrong section";
  EXPECT_EQ(nearest_option("level"), "log.level");
  EXPECT_EQ(nearest_option("logs.levle"), "log.level");
}

TEST(NearestOption, CopesWithAnyName) {
  for (const std::string& name : {std::string(), std::string("."), std::string(1'000'000, 'x')}) {
    EXPECT_NE(find_option(nearest_option(name)), nullptr);
  }
}

TEST(ToToml, WritesWhatTomlReads) {
  EXPECT_EQ(to_toml(std::int64_t{-1}), "-1");
  EXPECT_EQ(to_toml(5.0), "5.0");
  EXPECT_EQ(to_toml(0.25), "0.25");
  EXPECT_EQ(to_toml(true), "true");
  EXPECT_EQ(to_toml(std::string("a\"\\\n")), "\"a\\\"\\\\\\u000a\"");
  EXPECT_EQ(to_toml(Texts{}), "[]");
  EXPECT_EQ(to_toml(Texts{"a", "b"}), "[\"a\", \"b\"]");
}

}  // namespace
}  // namespace curlew
