#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/cores.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/config/config.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "curlew/infer/model_library.hpp"

// The bound of what codec and network can do on this machine: threads decode pictures that lie in memory to the
// network's input and run the network on them, one after the other, and nothing else is done. Two threads a core, since
// OpenVINO runs the network on a thread of its own, and a core whose thread waits for that would idle. usage:
// bare_bound MODEL FOLDER SECONDS     (prints one line of JSON; models are found as curlew finds them)

namespace curlew {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

constexpr int kThreadsPerCore = 2;

struct Picture {
  std::string name;
  Bytes bytes;
};

/// Models are found or not: none is downloaded for a measurement.
class NoDownloader final : public Downloader {
 public:
  Result<void> download(const DownloadRequest& /*request*/, DownloadSink& /*sink*/) override {
    return failure(ErrorCode::kCancelled, "nothing is downloaded here");
  }
};

/// What one thread did.
struct Tally {
  std::size_t pictures = 0;
  double decode_s = 0;  ///< of its CPU
};

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double process_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::vector<Picture> read_pictures(const fs::path& folder) {
  std::vector<Picture> pictures;
  const fs::directory_iterator files(folder);
  for (const auto& path : std::set<fs::path>(begin(files), end(files))) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    pictures.push_back({path.filename().string(), Bytes(first, first + text.size())});
  }
  if (pictures.empty()) throw std::runtime_error("no pictures in " + folder.string());
  return pictures;
}

/// The number of the class that the network is surest of, its background class too; -1 where a picture cannot be read.
int top_of(const Picture& picture, Decoder& decoder, Lane& lane, int background) {
  const auto decoded = decoder.decode_into(picture.bytes, lane.input_format(), lane.input());
  if (!decoded) return -1;
  const auto answer = lane.run(decoded->placement, {.top = 1});
  if (!answer || (answer->predictions.empty() && !answer->background_score)) return -1;
  return answer->background_score ? background : answer->predictions.front().index;
}

/// Goes over the pictures until `end`, taking turns with the other threads by `next`.
Tally work(const std::vector<Picture>& pictures, std::atomic<std::size_t>& next, TimePoint end, Lane& lane) {
  PictureDecoder decoder{DecodeLimits{}};
  Tally tally;
  while (now() < end) {
    const Picture& picture = pictures[next++ % pictures.size()];
    const double before = thread_cpu_s();
    const auto decoded = decoder.decode_into(picture.bytes, lane.input_format(), lane.input());
    tally.decode_s += thread_cpu_s() - before;
    if (!decoded || !lane.run(decoded->placement, {})) throw std::runtime_error("a picture failed: " + picture.name);
    ++tally.pictures;
  }
  return tally;
}

/// Runs `work` on a thread a lane and adds up what they did.
Tally run_lanes(const std::vector<Picture>& pictures, std::vector<std::unique_ptr<Lane>>& lanes, double seconds) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Tally sum;
  std::exception_ptr fault;
  const TimePoint end = now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  {
    std::vector<std::jthread> threads;
    threads.reserve(lanes.size());
    for (const auto& lane : lanes) {
      threads.push_back(start_thread("bound", [&](const std::stop_token&) {
        try {
          const Tally own = work(pictures, next, end, *lane);
          const std::scoped_lock lock(mutex);
          sum.pictures += own.pictures;
          sum.decode_s += own.decode_s;
        } catch (...) {
          const std::scoped_lock lock(mutex);
          fault = std::current_exception();
        }
      }));
    }
  }
  if (fault) std::rethrow_exception(fault);
  return sum;
}

ShelfFolders shelf_folders() {
  const Environment environment = process_environment();
  return {.search = model_folders(Config{}, environment), .cache = cache_folder(environment).value_or("")};
}

void measure(const std::string& model, const fs::path& folder, double seconds) {
  const auto pictures = read_pictures(folder);
  const int cores = usable_cores();
  const ShelfFolders folders = shelf_folders();
  const fs::path blobs = folders.cache.empty() ? fs::path() : folders.cache / "compiled";
  NoDownloader downloader;
  ModelLibrary library({.folders = folders, .engine = {.streams = cores, .blob_folder = blobs}, .on_download = {}},
                       downloader);
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < kThreadsPerCore * cores; ++i) {
    auto lane = library.open_lane(model);
    if (!lane) throw std::runtime_error(lane.error().message);
    lanes.push_back(std::move(*lane));
  }
  const auto card = library.card(model);
  const int background = card ? card->output.background.value_or(-1) : -1;

  std::string tops;
  PictureDecoder decoder{DecodeLimits{}};
  for (const auto& picture : pictures) {
    tops += fmt::format("{}\"{}\": {}", tops.empty() ? "" : ", ", picture.name,
                        top_of(picture, decoder, *lanes.front(), background));
  }
  run_lanes(pictures, lanes, seconds / 8);  // warm
  const TimePoint begin = now();
  const double cpu = process_cpu_s();
  const Tally done = run_lanes(pictures, lanes, seconds);
  const double cpu_s = process_cpu_s() - cpu;
  const double wall_s = to_ms(now() - begin) / 1000;
  fmt::print(
      "{{\"images\": {}, \"seconds\": {:.3f}, \"cores\": {}, \"cpu_s\": {:.3f}, \"decode_cpu_s\": {:.3f}, \"tops\": "
      "{{{}}}}}\n",
      done.pictures, wall_s, cores, cpu_s, done.decode_s, tops);
}

}  // namespace
}  // namespace curlew

int main(int argc, char** argv) {
  try {
    double seconds = 0;
    const std::string_view text = argc == 4 ? argv[3] : "";
    if (std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc() || seconds <= 0) {
      throw std::runtime_error("usage: bare_bound MODEL FOLDER SECONDS");
    }
    curlew::measure(argv[1], argv[2], seconds);
  } catch (const std::exception& e) {
    fmt::print(stderr, "bare_bound: {}\n", e.what());
    return 2;
  }
  return 0;
}
