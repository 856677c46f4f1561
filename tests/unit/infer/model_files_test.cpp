#include "curlew/infer/model_files.hpp"

#include <gtest/gtest.h>

#include <string>

#include "curlew/base/sha256.hpp"
#include "unit/infer/temp_folder.hpp"

namespace curlew {
namespace {

std::string sum(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text))); }

TEST(ModelFiles, ASmallFileIsReadWholeAndALargerOneNotAtAll) {
  const test::TempFolder folder;
  test::write_file(folder / "a", std::string(100'000, 'x'));
  EXPECT_EQ(read_small_file(folder / "a", 100'000), std::string(100'000, 'x'));
  EXPECT_FALSE(read_small_file(folder / "a", 99'999));
  EXPECT_FALSE(read_small_file(folder / "missing", 10));
  EXPECT_FALSE(read_small_file(folder.path(), 10));
  EXPECT_FALSE(read_small_file("/dev/zero", 10));
}

TEST(ModelFiles, OneFileHasItsOwnHash) {
  const test::TempFolder folder;
  test::write_file(folder / "a.tflite", "network");
  EXPECT_EQ(sha256_of_network(folder / "a.tflite"), sum("network"));
  EXPECT_FALSE(sha256_of_network(folder / "b.tflite"));
}

TEST(ModelFiles, IrIsHashedWithItsWeights) {
  const test::TempFolder folder;
  test::write_file(folder / "a.xml", "graph");
  EXPECT_EQ(sha256_of_network(folder / "a.xml"), sum("graph"));
  test::write_file(folder / "a.bin", "weights");
  EXPECT_EQ(sha256_of_network(folder / "a.xml"), sum("graphweights"));
}

TEST(ModelFiles, ASavedModelIsHashedFileByFileInOrder) {
  const test::TempFolder folder;
  test::write_file(folder / "m/saved_model.pb", "graph");
  test::write_file(folder / "m/assets/x", "");
  test::write_file(folder / "m/variables/v", "12");
  const std::string zero(1, '\0');
  EXPECT_EQ(sha256_of_network(folder / "m"), sum("assets/x" + zero + "0" + zero + "saved_model.pb" + zero + "5" + zero +
                                                 "graph" + "variables/v" + zero + "2" + zero + "12"));
  std::filesystem::create_directory(folder / "empty");
  EXPECT_FALSE(sha256_of_network(folder / "empty"));
}

}  // namespace
}  // namespace curlew
