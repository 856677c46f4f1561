#include "curlew/app/install_completion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace curlew {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class InstallCompletion : public testing::Test {
 protected:
  InstallCompletion() : home(fs::path(testing::TempDir()) / ("curlew-home-" + name_of_test())) {
    fs::remove_all(home);
    fs::create_directories(home);
    environment["HOME"] = home.string();
  }
  ~InstallCompletion() override { fs::remove_all(home); }
  InstallCompletion(const InstallCompletion&) = delete;
  InstallCompletion& operator=(const InstallCompletion&) = delete;

  static std::string name_of_test() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  static std::string text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string install(Shell shell) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(install_completion(shell, environment, {.in = in, .out = out, .err = err}), ExitStatus::kOk);
    return out.str();
  }
  std::string refusal(Shell shell) {
    try {
      return install(shell);
    } catch (const StartupError& error) {
      EXPECT_EQ(error.status(), ExitStatus::kEnvironment);
      return error.what();
    }
  }

  fs::path home;
  Environment environment;
};

TEST_F(InstallCompletion, PutsTheScriptWhereEachShellLooks) {
  const std::pair<Shell, const char*> places[] = {{Shell::kBash, ".local/share/bash-completion/completions/curlew"},
                                                  {Shell::kZsh, ".zfunc/_curlew"},
                                                  {Shell::kFish, ".config/fish/completions/curlew.fish"},
                                                  {Shell::kPowershell, ".config/powershell/curlew-completion.ps1"},
                                                  {Shell::kPwsh, ".config/powershell/curlew-completion.ps1"}};
  for (const auto& [shell, place] : places) {
    EXPECT_THAT(install(shell), HasSubstr((home / place).string()));
    EXPECT_EQ(text(home / place), completion_script(shell));
  }
}

TEST_F(InstallCompletion, HeedsTheFoldersOfTheEnvironment) {
  environment["XDG_DATA_HOME"] = (home / "data").string();
  environment["XDG_CONFIG_HOME"] = (home / "config").string();
  environment["ZDOTDIR"] = (home / "z").string();
  EXPECT_EQ(plan_install(Shell::kBash, environment).script, home / "data/bash-completion/completions/curlew");
  EXPECT_EQ(plan_install(Shell::kFish, environment).script, home / "config/fish/completions/curlew.fish");
  EXPECT_EQ(plan_install(Shell::kZsh, environment).profile, home / "z/.zshrc");
  environment["XDG_DATA_HOME"] = "relative";
  EXPECT_EQ(plan_install(Shell::kBash, environment).script, home / ".local/share/bash-completion/completions/curlew");
}

TEST_F(InstallCompletion, ASecondTimeChangesNothing) {
  std::ofstream(home / ".zshrc") << "alias ll='ls -l'";  // without a line end
  for (const auto& [shell, profile] : {std::pair(Shell::kZsh, home / ".zshrc"),
                                       {Shell::kPwsh, home / ".config/powershell/Microsoft.PowerShell_profile.ps1"}}) {
    const std::string before = text(profile);
    EXPECT_THAT(install(shell), HasSubstr("added"));
    const std::string once = text(profile);
    EXPECT_TRUE(once.starts_with(before.empty() ? "" : before + "\n"));
    EXPECT_THAT(install(shell), testing::AllOf(HasSubstr("is there already"), HasSubstr("has its lines already")));
    EXPECT_EQ(text(profile), once);
  }
}

TEST_F(InstallCompletion, AnOldScriptIsReplaced) {
  fs::create_directories(home / ".zfunc");
  std::ofstream(home / ".zfunc/_curlew") << "old";
  EXPECT_THAT(install(Shell::kZsh), HasSubstr("wrote"));
  EXPECT_EQ(text(home / ".zfunc/_curlew"), completion_script(Shell::kZsh));
}

TEST_F(InstallCompletion, AProfileThatIsALinkStaysOne) {
  std::ofstream(home / "dotfiles-zshrc") << "# mine\n";
  fs::create_symlink(home / "dotfiles-zshrc", home / ".zshrc");
  install(Shell::kZsh);
  EXPECT_TRUE(fs::is_symlink(home / ".zshrc"));
  EXPECT_THAT(text(home / "dotfiles-zshrc"), testing::AllOf(HasSubstr("# mine"), HasSubstr("compinit")));
}

TEST_F(InstallCompletion, WhatCannotBeWrittenIsTold) {
  std::ofstream(home / ".zfunc") << "a file where a folder is wanted";
  EXPECT_THAT(refusal(Shell::kZsh), testing::AllOf(HasSubstr(".zfunc"), HasSubstr("cannot be written: ")));
  fs::remove(home / ".zfunc");
  fs::create_directories(home / ".zshrc");
  EXPECT_THAT(refusal(Shell::kZsh), HasSubstr(".zshrc cannot be written: "));
  fs::create_directories(home / ".config/fish/completions/curlew.fish");
  EXPECT_THAT(refusal(Shell::kFish), HasSubstr("curlew.fish cannot be written: "));
  environment.erase("HOME");
  EXPECT_THAT(refusal(Shell::kBash), HasSubstr("HOME is not set"));
}

TEST(UsersShell, IsTheCallerElseThatOfTheEnvironment) {
  const Environment fish = {{"SHELL", "/usr/bin/fish"}};
  EXPECT_EQ(users_shell("zsh", fish), Shell::kZsh);
  EXPECT_EQ(users_shell("make", fish), Shell::kFish);
  EXPECT_EQ(users_shell("pwsh", {}), Shell::kPwsh);
  EXPECT_EQ(users_shell("make", {}), std::nullopt);
  EXPECT_EQ(users_shell("make", {{"SHELL", "/bin/sh"}}), std::nullopt);
  EXPECT_FALSE(parent_name().empty());
}

}  // namespace
}  // namespace curlew
