#include "curlew/http/tls_files.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace curlew {
namespace {

using testing::HasSubstr;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() { std::filesystem::create_directories(folder_); }
  ~TlsFilesTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string file(const char* name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
    return folder_ / name;
  }
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("tls-files-") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(TlsFilesTest, ReadsBoth) {
  const auto pem = read_tls_files({.certificate = file("a", "one\n"), .key = file("b", std::string(40'000, 'x'))});
  ASSERT_TRUE(pem) << pem.error();
  EXPECT_EQ(pem->certificate, "one\n");
  EXPECT_EQ(pem->key.size(), 40'000U);
}

TEST_F(TlsFilesTest, SaysWhichOfTheTwoIsMissing) {
  EXPECT_THAT(read_tls_files({.certificate = "a", .key = ""}).error(),
              HasSubstr("http.tls_certificate needs http.tls_key beside it"));
  EXPECT_THAT(read_tls_files({.certificate = "", .key = "a"}).error(),
              HasSubstr("http.tls_key needs http.tls_certificate beside it"));
}

TEST_F(TlsFilesTest, SaysWhyAFileCannotBeRead) {
  const std::string there = file("a", "one");
  EXPECT_THAT(
      read_tls_files({.certificate = folder_ / "none.pem", .key = there}).error(),
      testing::MatchesRegex("http.tls_certificate = \".*none.pem\" cannot be read .No such file or directory."));
  EXPECT_THAT(read_tls_files({.certificate = there, .key = folder_}).error(),
              testing::StartsWith("http.tls_key = \"" + folder_.string() + "\" cannot be read (Is a directory)"));
}

TEST_F(TlsFilesTest, ReadsNoMoreThanAPemFileCanHave) {
  EXPECT_THAT(read_tls_files({.certificate = "/dev/zero", .key = "/dev/zero"}).error(), HasSubstr("is larger than"));
}

}  // namespace
}  // namespace curlew
