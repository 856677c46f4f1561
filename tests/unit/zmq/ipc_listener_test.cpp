#include "curlew/zmq/ipc_listener.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "curlew/zmq/endpoint.hpp"

namespace curlew {
namespace {

class IpcListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "ipcXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "a.sock") const { return folder_ / name; }

  std::filesystem::path folder_;
};

std::string why_not(const std::string& path) {
  const auto listener = listen_at(path, 1);
  return listener ? "" : listener.error();
}

TEST_F(IpcListenerTest, IsForItsOwnerAlone) {
  const auto listener = listen_at(path(), 1);
  ASSERT_TRUE(listener) << listener.error();
  struct stat file {};
  ASSERT_EQ(::lstat(path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  EXPECT_EQ(listener->file, identity_of(path()));
}

TEST_F(IpcListenerTest, TakesNoPathOfALivingProcess) {
  const auto first = listen_at(path(), 1);
  ASSERT_TRUE(first);
  EXPECT_TRUE(is_ipc_in_use(path()));
  EXPECT_EQ(why_not(path()), "ipc://" + path() + ": another process listens there; end it, or choose another path");
  EXPECT_EQ(identity_of(path()), first->file);
}

TEST_F(IpcListenerTest, TakesThePlaceOfADeadOne) {
  ASSERT_TRUE(listen_at(path(), 1));  // closed at once, and its file stays
  EXPECT_TRUE(identity_of(path()));
  EXPECT_FALSE(is_ipc_in_use(path()));
  EXPECT_EQ(why_not(path()), "");
}

TEST_F(IpcListenerTest, LeavesAloneWhatIsNoSocket) {
  std::ofstream(path()) << "precious";
  std::filesystem::create_directory(path("folder"));
  ASSERT_TRUE(listen_at(path("dead"), 1));
  std::filesystem::create_symlink(path("dead"), path("link"));
  for (const char* name : {"a.sock", "folder", "link"}) {
    EXPECT_NE(why_not(path(name)).find("is no socket, and stays"), std::string::npos) << name;
    EXPECT_TRUE(identity_of(path(name))) << name;
  }
  std::string text;
  std::ifstream(path()) >> text;
  EXPECT_EQ(text, "precious");
}

TEST_F(IpcListenerTest, NamesAFolderThatIsNotThere) {
  EXPECT_NE(why_not(path("no/a.sock")).find("its folder is not there"), std::string::npos);
  std::ofstream(path("file")) << "x";
  EXPECT_NE(why_not(path("file/a.sock")).find("its folder is not there"), std::string::npos);
}

TEST_F(IpcListenerTest, NamesAFolderThatItMayNotWriteTo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  EXPECT_NE(why_not(path()).find("see to the rights"), std::string::npos);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

TEST_F(IpcListenerTest, MayHaveANameWithoutAFile) {
  const std::string name = "@" + path();
  const auto listener = listen_at(name, 1);
  ASSERT_TRUE(listener) << listener.error();
  EXPECT_FALSE(listener->file);
  EXPECT_TRUE(is_ipc_in_use(name));
  EXPECT_NE(why_not(name).find("another process listens there"), std::string::npos);
}

TEST_F(IpcListenerTest, IsNotInUseWhereThereIsNothing) {
  EXPECT_FALSE(is_ipc_in_use(path()));
  EXPECT_FALSE(is_ipc_in_use(path("no/a.sock")));
  EXPECT_FALSE(is_ipc_in_use(""));
  EXPECT_FALSE(is_ipc_in_use(std::string(108, 'p')));
}

}  // namespace
}  // namespace curlew
