#include "curlew/app/command_line.hpp"

#include <gmock/gmock.h>

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Command parse(std::vector<std::string> arguments) { return parse_command_line(arguments); }

void expect_usage(const std::vector<std::string>& arguments, const std::string& hint) {
  const auto command = parse(arguments);
  const auto* text = std::get_if<ShowText>(&command);
  ASSERT_NE(text, nullptr) << testing::PrintToString(arguments);
  EXPECT_EQ(text->status, ExitStatus::kUsage);
  EXPECT_THAT(text->text, HasSubstr(hint));
}

TEST(CommandLine, ClassifyTakesSourcesAndOptionsInAnyOrder) {
  const auto command = std::get<PicturesCommand>(parse(
      {"classify", "--top", "5", "http://a.example/1", "-c", "list.csv", "photos/", "--model", "imagenet", "--workers",
       "3", "-vv", "--allow-net", "10.0.0.0/8", "--allow-net", "192.168.0.0/16", "--format", "ndjson", "-"}));
  EXPECT_THAT(command.sources, ElementsAre("http://a.example/1", "photos/", "-"));
  EXPECT_EQ(command.top, 5);
  EXPECT_EQ(command.csv_file, "list.csv");
  EXPECT_EQ(command.model, "imagenet");
  EXPECT_EQ(command.format, OutputFormat::kNdjson);
  EXPECT_EQ(command.common.verbosity, 2);
  ASSERT_EQ(command.common.overrides.size(), 2U);
  EXPECT_EQ(command.common.overrides[0].key, "fetch.allow_net");
  EXPECT_THAT(command.common.overrides[0].values, ElementsAre("10.0.0.0/8", "192.168.0.0/16"));
  EXPECT_EQ(command.common.overrides[1].key, "infer.workers");
  EXPECT_THAT(command.common.overrides[1].values, ElementsAre("3"));
}

TEST(CommandLine, AllowNetTakesOneValueSoThatSourcesMayFollow) {
  const auto command =
      std::get<PicturesCommand>(parse({"classify", "--allow-net", "127.0.0.0/8", "http://a.example/1"}));
  EXPECT_THAT(command.sources, ElementsAre("http://a.example/1"));
}

TEST(CommandLine, ClassifyHasDefaults) {
  const auto command = std::get<PicturesCommand>(parse({"classify"}));
  EXPECT_TRUE(command.sources.empty());
  EXPECT_EQ(command.top, 3);
  EXPECT_EQ(command.format, OutputFormat::kText);
  EXPECT_FALSE(command.model);
  EXPECT_TRUE(command.common.overrides.empty());
}

TEST(CommandLine, DetectTakesWhatClassifyTakesAndAThreshold) {
  const auto command =
      std::get<PicturesCommand>(parse({"detect", "yard.jpg", "--threshold", "0.25", "--model", "yolox-s", "--spawn",
                                       "--format", "csv", "--annotate", "boxes"}));
  EXPECT_EQ(command.task, Task::kDetect);
  EXPECT_THAT(command.sources, ElementsAre("yard.jpg"));
  EXPECT_EQ(command.threshold, 0.25F);
  EXPECT_EQ(command.annotate, "boxes");
  EXPECT_EQ(command.model, "yolox-s");
  EXPECT_TRUE(command.spawn);
  EXPECT_EQ(command.format, OutputFormat::kCsv);
  ASSERT_EQ(command.common.presets.size(), 1U);
  EXPECT_EQ(command.common.presets[0].flag, "detect");
  EXPECT_EQ(std::get<PicturesCommand>(parse({"classify"})).task, Task::kClassify);
  EXPECT_FALSE(std::get<PicturesCommand>(parse({"detect"})).threshold) << "the model's";
}

TEST(CommandLine, PredictTakesOptionsBeforeAndBehindItsConfig) {
  const auto command = std::get<PredictCommand>(
      parse({"predict", "-u", "http://a.example/1, http://a.example/2", "old.toml", "-c", "list.csv", "--timeout",
             "2.5", "--format", "json", "--task", "classify", "--model", "birds", "--top", "1", "-v"}));
  EXPECT_EQ(command.common.config_file, "old.toml");
  EXPECT_EQ(command.urls, "http://a.example/1, http://a.example/2");
  EXPECT_EQ(command.csv_file, "list.csv");
  EXPECT_EQ(command.timeout_s, 2.5);
  EXPECT_EQ(command.format, OutputFormat::kJson);
  EXPECT_EQ(command.task, Task::kClassify);
  EXPECT_EQ(command.model, "birds");
  EXPECT_EQ(command.top, 1);
  EXPECT_EQ(command.common.verbosity, 1);
  EXPECT_EQ(std::get<PredictCommand>(parse({"predict", "--threshold", "0.8"})).threshold, 0.8F);
}

TEST(CommandLine, WhatPredictIsNotToldItDoesNotSay) {
  const auto command = std::get<PredictCommand>(parse({"predict"}));
  EXPECT_EQ(command.urls, "");
  EXPECT_FALSE(command.common.config_file || command.csv_file || command.timeout_s || command.task || command.model ||
               command.top || command.threshold);
  EXPECT_EQ(std::get<PredictCommand>(parse({"predict", "-u", ""})).urls, "");
}

std::string log_level(const std::vector<std::string>& arguments) {
  const auto command = std::get<ServiceCommand>(parse(arguments));
  EXPECT_EQ(command.common.overrides.size(), 1U);
  const auto& override = command.common.overrides.at(0);
  EXPECT_EQ(override.key, "log.level");
  EXPECT_EQ(override.values.size(), 1U);
  return override.values.at(0);
}

TEST(CommandLine, ServiceTakesLogLevelsAsNumbers) {
  EXPECT_EQ(log_level({"service", "-l", "10", "old.toml"}), "debug");
  EXPECT_EQ(log_level({"service", "old.toml", "--loglevel", "20"}), "info");
  EXPECT_EQ(log_level({"service", "-l30"}), "warning");
  EXPECT_EQ(log_level({"service", "--loglevel=40"}), "error");
  EXPECT_EQ(log_level({"service", "-l", "0"}), "debug");
  EXPECT_EQ(log_level({"service", "-l", "11"}), "info");
  EXPECT_EQ(log_level({"service", "-l", "21"}), "warning");
  EXPECT_EQ(log_level({"service", "-l", "31"}), "error");
  EXPECT_EQ(log_level({"service", "-l", "50"}), "error");
  EXPECT_TRUE(std::get<ServiceCommand>(parse({"service"})).common.overrides.empty()) << "the config's";
  const auto both = std::get<ServiceCommand>(parse({"service", "-vv", "-l", "40"}));
  EXPECT_EQ(both.common.verbosity, 2) << "which wins";
}

TEST(CommandLine, ServiceShowsItsDefaultsWhateverConfigIsNamed) {
  const auto command = std::get<ServiceCommand>(parse({"service", "--defaultconfig", "/no/such.toml"}));
  EXPECT_TRUE(command.show_defaults);
}

TEST(CommandLine, ServiceAndPredictTellTheirVersionAsTheyDid) {
  for (const std::string name : {"service", "predict"}) {
    const auto text = std::get<ShowText>(parse({name, "--version"}));
    EXPECT_EQ(text.status, ExitStatus::kOk);
    EXPECT_THAT(text.text, testing::StartsWith("curlew, version "));
  }
}

TEST(CommandLine, WrongArgumentsAreUsageErrorsThatPointToHelp) {
  expect_usage({"detect", "--threshold", "1.5"}, "--threshold");
  expect_usage({"detect", "--threshold", "nan"}, "--threshold");
  expect_usage({"detect", "--top", "3"}, "--top");
  expect_usage({"classify", "--threshold", "0.5"}, "--threshold");
  expect_usage({"classify", "--annotate", "boxes"}, "--annotate");
  expect_usage({"classify", "--top", "0"}, "curlew classify --help");
  expect_usage({"classify", "--top", "many"}, "--top");
  expect_usage({"classify", "--workers", "0"}, "--workers");
  expect_usage({"classify", "--format", "xml"}, "text, json, ndjson, csv");
  expect_usage({"classify", "--colour"}, "--colour");
  for (const std::string number : {"INFO", "1.5", "0x10", "10 ", "", "99999999999999999999"}) {
    expect_usage({"service", "--loglevel=" + number}, "--loglevel");
  }
  expect_usage({"service", "-l"}, "-l");
  expect_usage({"service", "one.toml", "two.toml"}, "two.toml");
  expect_usage({"service", "--quiet"}, "--quiet");
  expect_usage({"predict", "one.toml", "two.toml"}, "two.toml");
  expect_usage({"predict", "--workers", "2"}, "--workers");
  for (const std::string seconds : {"0", "-1", "nan", "inf", "soon", "1e9"}) {
    expect_usage({"predict", "--timeout=" + seconds}, "--timeout");
  }
  expect_usage({"predict", "--task", "draw"}, "classify, detect");
  expect_usage({"predict", "--top", "0"}, "--top");
  expect_usage({"predict", "--threshold", "2"}, "curlew predict --help");
  expect_usage({"predict", "--format", "xml"}, "text, json, ndjson, csv");
  expect_usage({"paint"}, "curlew --help");
  expect_usage({}, "classify");
  expect_usage({"models"}, "curlew models --help");
  expect_usage({"models", "pull"}, "NAME");
}

TEST(CommandLine, ModelsKnowsItsThreeActions) {
  EXPECT_EQ(std::get<ModelsCommand>(parse({"models", "list"})).action, ModelsCommand::Action::kList);
  const auto pull = std::get<ModelsCommand>(parse({"models", "pull", "birds"}));
  EXPECT_EQ(pull.action, ModelsCommand::Action::kPull);
  EXPECT_EQ(pull.name, "birds");
  EXPECT_EQ(std::get<ModelsCommand>(parse({"models", "verify"})).action, ModelsCommand::Action::kVerify);
}

TEST(CommandLine, CompletionsAreForAShellOrTheUsersOwn) {
  const auto shown = std::get<ShellCompletionCommand>(parse({"--show-completion", "fish"}));
  EXPECT_EQ(shown.action, ShellCompletionCommand::Action::kShow);
  EXPECT_EQ(shown.shell, Shell::kFish);
  const auto installed = std::get<ShellCompletionCommand>(parse({"--install-completion"}));
  EXPECT_EQ(installed.action, ShellCompletionCommand::Action::kInstall);
  EXPECT_EQ(installed.shell, std::nullopt);
  EXPECT_EQ(std::get<ShellCompletionCommand>(parse({"--show-completion=pwsh"})).shell, Shell::kPwsh);
  expect_usage({"--show-completion", "tcsh"}, "tcsh is not one of bash|zsh|fish|powershell|pwsh");
}

TEST(CommandLine, WordsToBeCompletedAreTakenAsTheyAre) {
  EXPECT_THAT(std::get<CompleteCommand>(parse({"complete", "--", "classify", "--help", "--", "[a,b]", ""})).words,
              ElementsAre("classify", "--help", "--", "[a,b]", ""));
  EXPECT_THAT(std::get<CompleteCommand>(parse({"complete", "--next", "classify"})).words, ElementsAre("classify", ""));
  expect_usage({"complete"}, "curlew --help");
  EXPECT_THAT(std::get<ShowText>(parse({"--help-all"})).text, testing::Not(HasSubstr("complete ")));
}

TEST(CommandLine, HelpAndVersionGoToStdout) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"classify", "--help"},
                                                    {"--version"},
                                                    {"predict", "--help"},
                                                    {"models", "--help"},
                                                    {"--help-all"}}) {
    const auto text = std::get<ShowText>(parse(arguments));
    EXPECT_EQ(text.status, ExitStatus::kOk);
    EXPECT_FALSE(text.text.empty());
  }
  EXPECT_THAT(std::get<ShowText>(parse({"classify", "--help"})).text, HasSubstr("Exit status"));
  EXPECT_THAT(std::get<ShowText>(parse({"classify", "--help"})).text, HasSubstr("--allow-net"));
  EXPECT_THAT(std::get<ShowText>(parse({"predict", "--help"})).text, HasSubstr("Exit status"));
  for (const char* option : {"predict", "--loglevel", "--urls", "--timeout"}) {
    EXPECT_THAT(std::get<ShowText>(parse({"--help-all"})).text, HasSubstr(option));
  }
}

TEST(CommandLine, HealthcheckTakesAUrlOrTheWorker) {
  const auto own = std::get<HealthcheckCommand>(parse({"healthcheck"}));
  EXPECT_FALSE(own.url);
  EXPECT_FALSE(own.worker);
  EXPECT_EQ(std::get<HealthcheckCommand>(parse({"healthcheck", "http://a.example"})).url, "http://a.example");
  EXPECT_TRUE(std::get<HealthcheckCommand>(parse({"healthcheck", "--worker"})).worker);
  EXPECT_EQ(std::get<HealthcheckCommand>(parse({"healthcheck", "--config", "c.toml"})).common.config_file, "c.toml");
  expect_usage({"healthcheck", "--worker", "http://a.example"}, "--worker");
  expect_usage({"healthcheck", "http://a.example", "http://b.example"}, "b.example");
}

}  // namespace
}  // namespace curlew
