#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/decode/jpeg_codec.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "unit/decode/made_bmp.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_png.hpp"

// What a picture costs on one core, by format and scale; on the photographs of CURLEW_TEST_IMAGES too, where it is set.

namespace curlew {
namespace {

struct Named {
  std::string name;
  made::Bytes bytes;
};

/// Corners and grain: the grain gives entropy decoding about as much to do as a photograph does.
made::Picture grainy(SizePx size) {
  made::Picture picture = made::four_corners(size);
  const made::Picture grain = made::noise(size, 1);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    picture.rgb[i] = static_cast<std::uint8_t>((picture.rgb[i] * 15 + grain.rgb[i]) / 16);
  }
  return picture;
}

std::vector<Named> made_pictures() {
  const made::Picture picture = grainy({.width = 1920, .height = 1080});
  made::JpegOptions options;
  options.quality = 85;
  options.halves_chroma = true;
  made::JpegOptions progressive = options;
  progressive.scans = made::JpegOptions::Scans::kProgressive;
  return {{"made.jpg", made::jpeg(picture, options)},
          {"made_progressive.jpg", made::jpeg(picture, progressive)},
          {"made_stored.png", made::png(made::png_source(picture))},
          {"made.bmp", made::bmp(picture.size, made::words(picture))},
          {"black_49_megapixels.png", made::black_png({.width = 16'384, .height = 3'000})}};
}

std::vector<Named> photographs() {
  const char* folder = std::getenv("CURLEW_TEST_IMAGES");
  if (folder == nullptr) return {};
  const std::filesystem::directory_iterator files(folder);
  std::vector<Named> result;
  for (const auto& path : std::set<std::filesystem::path>(begin(files), end(files))) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    result.push_back({path.filename().string(), made::bytes_of(text)});
  }
  return result;
}

/// The whole way from bytes to a network's input.
void decode(benchmark::State& state, const Named& picture, const InputFormat& format) {
  PictureDecoder decoder{DecodeLimits{}};
  for (auto _ : state) {
    auto decoded = made::decode(decoder, picture.bytes, format);
    if (!decoded) state.SkipWithError(decoded.error().message.c_str());
    benchmark::DoNotOptimize(decoded);
  }
}

class Nowhere final : public RowSink {
 public:
  void row(const std::uint8_t* rgb) noexcept override { benchmark::DoNotOptimize(rgb); }
};

/// JPEG alone, without resizing. One eighth is next to nothing but entropy decoding, which no scale saves.
void decode_at(benchmark::State& state, const Named& picture, int eighths) {
  const auto codec = make_jpeg_codec();
  Nowhere sink;
  for (auto _ : state) {
    const auto header = codec->open(picture.bytes);
    if (!header || !codec->read(eighths, sink)) state.SkipWithError("not a JPEG");
  }
}

void resize(benchmark::State& state, Fit::Filter filter) {
  const made::Picture picture = made::noise({.width = 1024, .height = 768}, 2);
  std::vector<std::uint8_t> out(std::size_t{224} * 224 * 3);
  RowResizer resizer;
  for (auto _ : state) {
    resizer.begin({.rows = picture.size,
                   .source = {.x = 0, .y = 0, .width = 1024, .height = 768},
                   .orientation = Orientation::kUpright,
                   .filter = filter,
                   .destination = {.x = 0, .y = 0, .width = 224, .height = 224},
                   .output_width = 224},
                  out);
    for (int y = 0; y < picture.size.height; ++y) resizer.row(picture.at(0, y));
    benchmark::ClobberMemory();
  }
}

void add_picture(const Named& picture) {
  for (const int side : {224, 416}) {
    for (const auto filter : {Fit::Filter::kArea, Fit::Filter::kBilinear}) {
      const std::string_view name = filter == Fit::Filter::kArea ? "area" : "bilinear";
      const InputFormat format = made::squashed({.width = side, .height = side}, filter);
      benchmark::RegisterBenchmark(fmt::format("decode/{}/{}/{}", picture.name, name, side).c_str(), decode, picture,
                                   format)
          ->Unit(benchmark::kMillisecond);
    }
  }
  if (picture.name.find(".jp") == std::string::npos) return;
  for (const int eighths : {8, 4, 2, 1}) {
    benchmark::RegisterBenchmark(fmt::format("jpeg/{}/eighths:{}", picture.name, eighths).c_str(), decode_at, picture,
                                 eighths)
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace curlew

int main(int argc, char** argv) {
  for (const auto& picture : curlew::made_pictures()) curlew::add_picture(picture);
  for (const auto& picture : curlew::photographs()) curlew::add_picture(picture);
  for (const auto filter : {curlew::Fit::Filter::kArea, curlew::Fit::Filter::kBilinear}) {
    const char* name = filter == curlew::Fit::Filter::kArea ? "resize/1024x768/area" : "resize/1024x768/bilinear";
    benchmark::RegisterBenchmark(name, curlew::resize, filter)->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
