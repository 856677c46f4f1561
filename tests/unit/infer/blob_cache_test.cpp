#include "curlew/infer/blob_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "unit/infer/temp_folder.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string text_of(const BlobCache::Blob& blob) {
  return {reinterpret_cast<const char*>(blob.bytes.data()), blob.bytes.size()};
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

TEST(BlobCache, GivesBackWhatItKept) {
  const test::TempFolder folder;
  const BlobCache cache(folder / "blobs");
  EXPECT_FALSE(cache.find("key"));
  cache.keep("key", "a note", bytes_of("the bytes"));
  const auto blob = cache.find("key");
  ASSERT_TRUE(blob);
  EXPECT_EQ(text_of(*blob), "the bytes");
  EXPECT_EQ(blob->note, "a note");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blob->bytes.data()) % 64, 0U);
  EXPECT_FALSE(cache.find("another key"));
}

TEST(BlobCache, EachChangedByteMakesItUnknown) {
  const test::TempFolder folder;
  const BlobCache cache(folder.path());
  cache.keep("key", "note", bytes_of("payload"));
  const fs::path path = files_in(folder.path()).at(0);
  const std::string whole = test::file_text(path);
  for (const std::size_t at : {std::size_t{0}, std::size_t{30}, std::size_t{92}, std::size_t{4096}, whole.size() - 1}) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    test::write_file(path, broken);
    EXPECT_FALSE(cache.find("key")) << "byte " << at;
  }
  test::write_file(path, whole);
  EXPECT_TRUE(cache.find("key"));
}

TEST(BlobCache, ATruncatedFileIsUnknown) {
  const test::TempFolder folder;
  const BlobCache cache(folder.path());
  cache.keep("key", "note", bytes_of("payload"));
  const fs::path path = files_in(folder.path()).at(0);
  const std::string whole = test::file_text(path);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, std::size_t{60}, std::size_t{4096}, whole.size() - 1}) {
    test::write_file(path, whole.substr(0, size));
    EXPECT_FALSE(cache.find("key")) << size << " bytes";
  }
}

TEST(BlobCache, AnothersFileUnderOurNameIsUnknown) {
  const test::TempFolder folder;
  const BlobCache cache(folder.path());
  cache.keep("one", "note", bytes_of("payload of one"));
  const fs::path one = files_in(folder.path()).at(0);
  const std::string foreign = test::file_text(one);
  cache.keep("two", "note", bytes_of("payload of two"));
  for (const fs::path& path : files_in(folder.path())) {
    if (path != one) test::write_file(path, foreign);
  }
  EXPECT_FALSE(cache.find("two"));
}

TEST(BlobCache, TheLongestUnusedGoFirst) {
  const test::TempFolder folder;
  const BlobCache cache(folder.path(), 2);
  const auto age = [&](int minutes) {
    for (const fs::path& path : files_in(folder.path())) {
      fs::last_write_time(path, fs::last_write_time(path) - std::chrono::minutes(minutes));
    }
  };
  cache.keep("one", "", bytes_of("1"));
  age(10);
  cache.keep("two", "", bytes_of("2"));
  age(10);
  EXPECT_TRUE(cache.find("one"));  // used again: now the younger
  cache.keep("three", "", bytes_of("3"));
  EXPECT_TRUE(cache.find("one"));
  EXPECT_FALSE(cache.find("two"));
  EXPECT_TRUE(cache.find("three"));
}

TEST(BlobCache, RemovesWhatADeadWriterLeftButNotALiveOnes) {
  const test::TempFolder folder;
  test::write_file(folder / "old.1.0.part", "x");
  test::write_file(folder / "new.2.0.part", "x");
  fs::last_write_time(folder / "old.1.0.part", fs::file_time_type::clock::now() - std::chrono::hours(2));
  BlobCache(folder.path()).keep("key", "", bytes_of("1"));
  EXPECT_FALSE(fs::exists(folder / "old.1.0.part"));
  EXPECT_TRUE(fs::exists(folder / "new.2.0.part"));
}

TEST(BlobCache, AFolderThatCannotBeMadeKeepsNothing) {
  const test::TempFolder folder;
  test::write_file(folder / "file", "x");
  const BlobCache cache(folder / "file/blobs");
  cache.keep("key", "", bytes_of("1"));
  EXPECT_FALSE(cache.find("key"));
  const BlobCache none{fs::path()};
  none.keep("key", "", bytes_of("1"));
  EXPECT_FALSE(none.find("key"));
}

}  // namespace
}  // namespace curlew
