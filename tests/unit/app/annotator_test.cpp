#include "curlew/app/annotator.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "curlew/base/startup_error.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "curlew/draw/draw_objects.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

/// Paints every picture in one grey, that of its first byte; of no bytes it makes none.
class GreyDecoder : public Decoder {
 public:
  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override {
    if (bytes.empty()) return failure(ErrorCode::kDecodeFailed, "the decoder is gone");
    EXPECT_EQ(rgb.size(), static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) * 3);
    EXPECT_EQ(format.fit, Fit{}) << "squashed to its own size: as it is";
    std::ranges::fill(rgb, std::to_integer<std::uint8_t>(bytes[0]));
    return DecodedPicture{};
  }
};

Success seen(int width, int height, PictureFormat format = PictureFormat::kPng, std::vector<Prediction> found = {}) {
  Success success;
  success.image = {.width_px = width, .height_px = height, .format = format, .bytes = 1, .sha256 = {}};
  success.answer.predictions = std::move(found);
  return success;
}

class AnnotatorTest : public testing::Test {
 protected:
  AnnotatorTest() {
    std::string name = (fs::temp_directory_path() / "curlew-annotate-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~AnnotatorTest() override { fs::remove_all(folder_); }

  static Item item(std::uint32_t index, const std::string& text) {
    Item made;
    made.index = index;
    made.text = text;
    return made;
  }

  void show(Annotator& annotator, std::uint32_t index, const std::string& text, Success success) {
    GreyDecoder decoder;
    annotator.named(item(index, text), grey_, success, decoder);
  }

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }

  static std::vector<char> content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
  const std::vector<std::byte> grey_ = std::vector<std::byte>(1, std::byte{90});
};

TEST_F(AnnotatorTest, WritesEachPictureUnderItsPlaceAndName) {
  Annotator annotator(folder_, 12);
  show(annotator, 0, "https://a.example/dog.jpg?x=1", seen(64, 48, PictureFormat::kJpeg));
  show(annotator, 11, "bird.bmp", seen(30, 20, PictureFormat::kBmp));
  EXPECT_EQ(files(), (std::set<std::string>{"00-dog.jpg", "11-bird.png"}));
  EXPECT_EQ(annotator.written(), 2U);
  EXPECT_EQ(annotator.failed(), 0U);
  EXPECT_EQ(annotator.first_failure(), std::nullopt);
}

TEST_F(AnnotatorTest, WritesTheWholePictureWithWhatWasFound) {
  Annotator annotator(folder_, 1);
  const Prediction dog{.index = 3, .label = "dog", .score = 0.9F, .box = Box{.x1 = 20, .y1 = 60, .x2 = 180, .y2 = 140}};
  show(annotator, 0, "dog.png", seen(200, 150, PictureFormat::kPng, {dog}));
  const auto file = content(folder_ / "0-dog.png");
  std::vector<std::uint8_t> rgb(std::size_t{200} * 150 * 3);
  PictureDecoder decoder({});
  const auto decoded =
      decoder.decode_into(std::as_bytes(std::span(file)), {.width_px = 200, .height_px = 150, .fit = {}}, rgb);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->info.width_px, 200);
  const auto pixel = [&](std::size_t x, std::size_t y) { return rgb[(y * 200 + x) * 3]; };
  EXPECT_EQ(pixel(100, 100), 90) << "inside the box";
  EXPECT_EQ(pixel(5, 5), 90);
  EXPECT_NE(pixel(20, 100), 90) << "the line";
}

TEST_F(AnnotatorTest, MakesItsFolder) {
  const fs::path deeper = folder_ / "not" / "there";
  Annotator annotator(deeper, 1);
  show(annotator, 0, "dog.png", seen(8, 8));
  EXPECT_TRUE(fs::exists(deeper / "0-dog.png"));
}

TEST_F(AnnotatorTest, ReplacesThePictureOfAnEarlierRunAndNotWhatALinkLeadsTo) {
  const fs::path elsewhere = folder_ / "precious";
  std::ofstream(elsewhere) << "precious";
  fs::create_symlink(elsewhere, folder_ / "0-dog.png");
  Annotator annotator(folder_, 1);
  show(annotator, 0, "dog.png", seen(8, 8));
  EXPECT_EQ(annotator.written(), 1U);
  EXPECT_FALSE(fs::is_symlink(folder_ / "0-dog.png"));
  const auto kept = content(elsewhere);
  EXPECT_EQ(std::string(kept.begin(), kept.end()), "precious");
}

void expect_refused(const fs::path& folder) {
  try {
    const Annotator annotator(folder, 1);
    ADD_FAILURE() << folder << " was taken";
  } catch (const StartupError& error) {
    EXPECT_EQ(error.status(), ExitStatus::kEnvironment);
    EXPECT_NE(std::string(error.what()).find(folder.native()), std::string::npos) << error.what();
  }
}

TEST_F(AnnotatorTest, AFolderThatCannotBeMadeOrWrittenEndsTheStart) {
  std::ofstream(folder_ / "file") << "x";
  expect_refused(folder_ / "file");
  expect_refused(folder_ / "file" / "below");
  expect_refused("/proc/self");  // there, and nobody can make a file in it
  EXPECT_EQ(files(), std::set<std::string>{"file"}) << "no trial is left behind";
}

TEST_F(AnnotatorTest, AFolderThatGoesAwayIsCountedAndToldOnce) {
  Annotator annotator(folder_, 3);
  fs::remove_all(folder_);
  testing::internal::CaptureStderr();
  for (std::uint32_t i = 0; i < 3; ++i) show(annotator, i, "dog.png", seen(8, 8));
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(annotator.written(), 0U);
  EXPECT_EQ(annotator.failed(), 3U);
  ASSERT_TRUE(annotator.first_failure());
  EXPECT_NE(annotator.first_failure()->find("-dog.png was not written: No such file"), std::string::npos)
      << *annotator.first_failure();
  EXPECT_NE(log.find("0-dog.png"), std::string::npos);
  EXPECT_EQ(log.find("1-dog.png"), std::string::npos) << "once";
}

/// No file of this process may be larger for a while, as on a disk that is full.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t most) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = most;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST_F(AnnotatorTest, ADiskThatIsFullLeavesNoPartOfAPicture) {
  Annotator annotator(folder_, 3);
  const auto found = [] {
    return std::vector{
        Prediction{.index = 3, .label = "dog", .score = 0.9F, .box = Box{.x1 = 20, .y1 = 60, .x2 = 180, .y2 = 140}}};
  };
  {
    const SmallFiles full(1'000);
    show(annotator, 0, "dog.png", seen(400, 300, PictureFormat::kPng, found()));
  }
  EXPECT_EQ(files(), std::set<std::string>{});
  EXPECT_EQ(annotator.failed(), 1U);
  show(annotator, 1, "dog.png", seen(400, 300, PictureFormat::kPng, found()));
  EXPECT_EQ(files(), std::set<std::string>{"1-dog.png"}) << "room again";
  EXPECT_EQ(annotator.written(), 1U);
  EXPECT_NE(annotator.first_failure()->find("0-dog.png was not written: File too large"), std::string::npos)
      << *annotator.first_failure();
}

TEST_F(AnnotatorTest, ADecoderThatFailsTheSecondTimeIsAFailureOfThatPicture) {
  Annotator annotator(folder_, 3);
  GreyDecoder decoder;
  Success success = seen(8, 8);
  annotator.named(item(2, "dog.png"), {}, success, decoder);
  EXPECT_EQ(annotator.failed(), 1U);
  EXPECT_NE(annotator.first_failure()->find("the decoder is gone"), std::string::npos);
}

TEST_F(AnnotatorTest, WorkersWriteAtTheSameTime) {
  constexpr std::uint32_t kEach = 10;
  Annotator annotator(folder_, 4 * kEach);
  std::vector<std::thread> workers;
  for (std::uint32_t w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      for (std::uint32_t i = 0; i < kEach; ++i) show(annotator, w * kEach + i, "dog.png", seen(40, 30));
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(annotator.written(), 4 * kEach);
  EXPECT_EQ(files().size(), 4 * kEach);
}

}  // namespace
}  // namespace curlew
