#include "curlew/app/completion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "curlew/app/command_line.hpp"
#include "curlew/app/completion_script.hpp"

namespace curlew {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

Completions at(const std::vector<std::string>& words) {
  static const std::vector<CompletionWord> kModels = {{.word = "birds", .help = "964 species"},
                                                      {.word = "imagenet", .help = ""}};
  return complete(command_shape(), words, kModels);
}

std::vector<std::string> words_at(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const auto& candidate : at(words).candidates) found.push_back(candidate.word);
  return found;
}

TEST(Completion, OffersSubcommandsWithTheirHelp) {
  EXPECT_THAT(words_at({""}), IsSupersetOf({"classify", "predict", "models"}));
  const auto completion = at({"cla"});
  ASSERT_EQ(completion.candidates.size(), 1U);
  EXPECT_EQ(completion.candidates[0].word, "classify");
  EXPECT_THAT(completion.candidates[0].help, HasSubstr("bird"));
  EXPECT_EQ(completion.paths, Paths::kNone);
  EXPECT_THAT(words_at({"models", ""}), ElementsAre("list", "pull", "verify"));
  EXPECT_THAT(words_at({"models", "--verbose", "p"}), ElementsAre("pull"));
}

TEST(Completion, KnowsEveryOptionOfTheHelp) {
  EXPECT_THAT(words_at({"classify", "--"}), IsSupersetOf({"--help", "--csv", "--model", "--top", "--workers",
                                                          "--format", "--verbose", "--config", "--allow-net"}));
  EXPECT_THAT(words_at({"classify", "--"}), Not(Contains("-c")));
  EXPECT_THAT(words_at({"predict", "--"}), IsSupersetOf({"--help", "--urls", "--csv", "--timeout", "--format", "--task",
                                                         "--model", "--top", "--threshold", "--verbose", "--version"}));
  EXPECT_THAT(words_at({"service", "--"}), IsSupersetOf({"--loglevel", "--defaultconfig", "--version"}));
  EXPECT_THAT(words_at({"classify", "--fo"}), ElementsAre("--format"));
  EXPECT_THAT(words_at({"--"}), IsSupersetOf({"--version", "--show-completion", "--install-completion"}));
  EXPECT_THAT(words_at({"-"}), Contains("--version"));
}

TEST(Completion, OffersBothNamesOfAFlag) {
  CLI::App app("", "x");
  bool on = false;
  app.add_flag("--turn,!--no-turn", on, "Turn it");
  EXPECT_EQ(complete(shape_of(app), std::vector<std::string>{"--"}, {}).candidates.size(), 3U);  // with --help
}

TEST(Completion, OffersTheChoicesOfAValue) {
  EXPECT_THAT(words_at({"classify", "--format", ""}), ElementsAre("text", "json", "ndjson", "csv"));
  EXPECT_THAT(words_at({"classify", "--format", "n"}), ElementsAre("ndjson"));
  EXPECT_THAT(words_at({"classify", "--format=n"}), ElementsAre("--format=ndjson"));
  EXPECT_THAT(words_at({"predict", "--task", ""}), ElementsAre("classify", "detect"));
  EXPECT_THAT(words_at({"--show-completion", "p"}), ElementsAre("powershell", "pwsh"));
  EXPECT_THAT(words_at({"--show-completion", "--v"}), ElementsAre("--version"));
}

TEST(Completion, TakesWordsAsBashSplitsThem) {
  EXPECT_THAT(words_at({"classify", "--format", "="}), ElementsAre("text", "json", "ndjson", "csv"));
  EXPECT_THAT(words_at({"classify", "--format", "=", "js"}), ElementsAre("json"));
  EXPECT_THAT(words_at({"classify", "--format", "=", "json", "--top", "=", "1", "--mod"}), ElementsAre("--model"));
  EXPECT_THAT(words_at({"="}), IsEmpty());
}

TEST(Completion, NamesModelsWhereOneIsWanted) {
  const auto completion = at({"classify", "--model", ""});
  EXPECT_EQ(completion.paths, Paths::kFiles);
  ASSERT_EQ(completion.candidates.size(), 2U);
  EXPECT_EQ(completion.candidates[0].help, "964 species");
  EXPECT_THAT(words_at({"models", "verify", "b"}), ElementsAre("birds"));
  EXPECT_THAT(words_at({"models", "pull", "birds", ""}), IsEmpty()) << "there is one NAME";
}

TEST(Completion, LeavesPathsToTheShell) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"classify", ""},
                                                {"classify", "a.jpg", "b"},
                                                {"classify", "-c", ""},
                                                {"predict", ""},
                                                {"predict", "-u", "http://a.example/1", "-c", ""},
                                                {"classify", "--csv=li"},
                                                {"classify", "--config", "x"},
                                                {"classify", "--", "--fo"}}) {
    EXPECT_EQ(at(words).paths, Paths::kFiles) << testing::PrintToString(words);
    EXPECT_THAT(words_at(words), IsEmpty());
  }
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{""}, {"classify", "--top", ""}, {"classify", "--t"}}) {
    EXPECT_EQ(at(words).paths, Paths::kNone) << testing::PrintToString(words);
  }
  EXPECT_EQ(value_shape("DIR").folders, true);
  EXPECT_EQ(value_shape("CONFIG.toml").files, true);
}

TEST(Completion, WhatIsHiddenInTheHelpIsNotOffered) {
  CLI::App app("", "x");
  app.add_subcommand("seen");
  app.add_subcommand("secret")->group("");
  bool flag = false;
  app.add_flag("--secret", flag)->group("");
  const auto shape = shape_of(app);
  EXPECT_EQ(complete(shape, std::vector<std::string>{"se"}, {}).candidates.size(), 1U);
  EXPECT_TRUE(complete(shape, std::vector<std::string>{"--se"}, {}).candidates.empty());
  EXPECT_THAT(words_at({"comp"}), IsEmpty());
}

TEST(Completion, NothingAndOddWordsHarmNobody) {
  EXPECT_FALSE(at({}).candidates.empty());
  for (const std::string odd : {"$(touch x)", "a\nb", "\xff\xfe", "--=", "=", "--format==", "-"}) {
    (void)at({odd});
    (void)at({"classify", odd, odd});
    (void)at({odd, "=", odd});
  }
}

TEST(Completion, LinesHoldOneCandidateEach) {
  const Completions completion{
      .candidates = {{.word = "a", .help = "two\nlines\tand\x1b[31m"}, {.word = "b", .help = ""}},
      .paths = Paths::kFolders};
  EXPECT_EQ(completion_lines(completion), ":folders\na\ttwo lines and [31m\nb\t\n");
}

TEST(CompletionScript, ThereIsOneForEachNamedShell) {
  const auto choices = value_shape(std::string(kShellNames)).choices;
  EXPECT_THAT(choices, ElementsAre("bash", "zsh", "fish", "powershell", "pwsh"));
  for (const auto& name : choices) {
    const auto shell = shell_of(name);
    ASSERT_TRUE(shell) << name;
    EXPECT_EQ(to_string(*shell), name);
    EXPECT_THAT(std::string(completion_script(*shell)), HasSubstr("curlew"));
    for (const std::string evaluating : {"eval", "Invoke-Expression", "iex ", "compgen -W"}) {
      EXPECT_THAT(std::string(completion_script(*shell)), Not(HasSubstr(evaluating))) << name;
    }
  }
  EXPECT_FALSE(shell_of("tcsh"));
}

}  // namespace
}  // namespace curlew
