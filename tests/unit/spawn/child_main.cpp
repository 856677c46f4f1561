// A child of the tests. With the argument "lane" it names: see TestLane. Without one it decodes: a child whose pictures
// are words: "grey:" and one byte make a picture of that grey, "load" needs what is loaded at first use,
// "curlew-test:…" misbehaves, all else is no picture.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/spawn/hostile_decoder.hpp"
#include "curlew/spawn/serve_decoder.hpp"
#include "curlew/spawn/serve_lane.hpp"

namespace {

using namespace curlew;

bool loaded = false;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class WordDecoder final : public Decoder {
 public:
  explicit WordDecoder(const DecodeLimits& limits) : limits_(limits) {}

  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override {
    const auto text = text_of(bytes);
    if (text == "load" && !loaded) return failure(ErrorCode::kInternal, "not loaded");
    if (text != "load" && !text.starts_with("grey:")) return failure(ErrorCode::kNotAnImage, "this is no word");
    std::ranges::fill(rgb, static_cast<std::uint8_t>(text.back()));
    DecodedPicture picture;
    picture.info = {.width_px = limits_.side_px,
                    .height_px = 1,
                    .format = PictureFormat::kPng,
                    .bytes = bytes.size(),
                    .sha256 = {}};
    picture.placement.original_width_px = limits_.side_px;
    picture.placement.original_height_px = 1;
    picture.placement.scale_x = format.width_px;
    return picture;
  }

 private:
  DecodeLimits limits_;
};

/// The system calls of a thread's first moments, and how they went. As glibc has made them for this thread already, the
/// kernel takes a second rseq for a mistake.
std::string begin_like_a_thread() {
  static robust_list_head list{.list = {.next = &list.list}, .futex_offset = 0, .list_op_pending = nullptr};
  std::string said = syscall(SYS_set_robust_list, &list, sizeof list) == 0 ? "set_robust_list ok, " : "refused, ";
  return said + (syscall(SYS_rseq, nullptr, 0, 0, 0) == -1 && errno == EPERM ? "rseq refused" : "rseq not refused");
}

/// A network whose first pixel says what it does: 255 crashes, 254 hangs, 253 is a failure, 252 tries to escape, 251
/// answers nonsense, 250 does what glibc does in each thread that starts; all else is the class that it finds.
class TestLane final : public Lane {
 public:
  const InputFormat& input_format() const override { return format_; }
  const ModelId& model() const override { return model_; }
  std::span<std::uint8_t> input() override { return pixels_; }

  Result<Answer> run(const Placement& placement, const ReadOptions& options) override {
    switch (const int value = pixels_.front()) {
      case 255:
        std::raise(SIGSEGV);
        break;
      case 254:
        for (;;) pause();
      case 253:
        return failure(ErrorCode::kNonFiniteOutput, "not a number");
      case 252:
        return failure(ErrorCode::kInferenceFailed, try_to_escape());
      case 250:
        return failure(ErrorCode::kInferenceFailed, begin_like_a_thread());
      case 251:
        return Answer{.predictions = {{.index = 1, .label = "over", .score = 7, .box = {}}}, .background_score = {}};
      default: {
        const Box all{.x1 = 0, .y1 = 0, .x2 = static_cast<float>(placement.original_width_px), .y2 = 1};
        Answer answer{.predictions = {{.index = value, .label = "class", .score = 0.5F, .box = all}},
                      .background_score = options.threshold};
        answer.predictions.resize(static_cast<std::size_t>(options.top), answer.predictions.front());
        return answer;
      }
    }
    return Answer{};
  }

 private:
  InputFormat format_{.width_px = 3, .height_px = 2, .fit = {.kind = Fit::Kind::kLetterbox}};
  ModelId model_{.name = "test", .sha256 = std::string(64, 'a')};
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(18);
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "lane") return serve_lane([] { return std::make_unique<TestLane>(); });
  if (what == "no-lane") return serve_lane([] { return tl::make_unexpected(ModelUnavailable{"no such model"}); });
  return serve_decoder({.make_decoder =
                            [](const DecodeLimits& limits) {
                              return std::make_unique<HostileDecoder>(std::make_unique<WordDecoder>(limits));
                            },
                        .load_everything = [] { loaded = true; },
                        .needs_loading = [](std::span<const std::byte> bytes) { return text_of(bytes) == "load"; }});
}
