#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset8.hpp>
#include <span>
#include <string>
#include <vector>

#ifdef CURLEW_HAS_LIBYUV
#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/scale.h>
#include <libyuv/scale_argb.h>
#endif

#include "curlew/decode/resize.hpp"
#include "unit/decode/made_pictures.hpp"

// The resampler of `decode` beside what else could do its work: libyuv's, and OpenVINO's, which would make it a part of
// the network. All take a whole decoded picture and make packed RGB of it. `levels_off` is the mean difference from the
// exact mean over the part that a pixel covers.

namespace curlew {
namespace {

using made::Picture;
using Resample = std::function<void(const Picture& from, Picture& to)>;

Resample own(Fit::Filter filter) {
  return [filter, resizer = std::make_shared<RowResizer>()](const Picture& from, Picture& to) {
    resizer->begin({.rows = from.size,
                    .source = {.x = 0, .y = 0, .width = 1.0 * from.size.width, .height = 1.0 * from.size.height},
                    .orientation = Orientation::kUpright,
                    .filter = filter,
                    .destination = {.x = 0, .y = 0, .width = to.size.width, .height = to.size.height},
                    .output_width = to.size.width},
                   to.rgb);
    for (int y = 0; y < from.size.height; ++y) resizer->row(from.at(0, y));
  };
}

#ifdef CURLEW_HAS_LIBYUV
struct Argb {
  SizePx size;
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(std::size_t{4} * size.width * size.height);
};

/// From pixels of four bytes to RGB: what libyuv would cost were they decoded so. With `from_rgb`, their making too. It
/// is asked for boxes, but takes the nearest four for most sizes, as `levels_off` shows.
Resample yuv_argb(SizePx from, SizePx to, bool from_rgb) {
  auto wide = std::make_shared<Argb>(Argb{.size = from});
  auto small = std::make_shared<Argb>(Argb{.size = to});
  return [wide, small, from_rgb, filled = false](const Picture& picture, Picture& result) mutable {
    const auto [width, height] = wide->size;
    if (from_rgb || !filled) {
      libyuv::RGB24ToARGB(picture.rgb.data(), width * 3, wide->bytes.data(), width * 4, width, height);
    }
    filled = true;
    libyuv::ARGBScale(wide->bytes.data(), width * 4, width, height, small->bytes.data(), small->size.width * 4,
                      small->size.width, small->size.height, libyuv::kFilterBox);
    libyuv::ARGBToRGB24(small->bytes.data(), small->size.width * 4, result.rgb.data(), small->size.width * 3,
                        small->size.width, small->size.height);
  };
}

/// Three planes, of which those of colour have half the sides: what libyuv would cost were JPEG decoded into them.
struct Planes {
  explicit Planes(SizePx picture)
      : size(picture), half{(size.width + 1) / 2, (size.height + 1) / 2}, y(area(size)), u(area(half)), v(area(half)) {}
  static std::size_t area(SizePx size) { return static_cast<std::size_t>(size.width) * size.height; }
  SizePx size;
  SizePx half;
  std::vector<std::uint8_t> y;
  std::vector<std::uint8_t> u;
  std::vector<std::uint8_t> v;
};

Resample yuv_planes(SizePx from, SizePx to) {
  auto wide = std::make_shared<Planes>(from);
  auto small = std::make_shared<Planes>(to);
  return [wide, small, filled = false](const Picture& picture, Picture& result) mutable {
    Planes& w = *wide;
    Planes& s = *small;
    if (!filled) {
      Argb argb{.size = w.size};
      libyuv::RGB24ToARGB(picture.rgb.data(), w.size.width * 3, argb.bytes.data(), w.size.width * 4, w.size.width,
                          w.size.height);
      libyuv::ARGBToJ420(argb.bytes.data(), w.size.width * 4, w.y.data(), w.size.width, w.u.data(), w.half.width,
                         w.v.data(), w.half.width, w.size.width, w.size.height);
      filled = true;
    }
    libyuv::I420Scale(w.y.data(), w.size.width, w.u.data(), w.half.width, w.v.data(), w.half.width, w.size.width,
                      w.size.height, s.y.data(), s.size.width, s.u.data(), s.half.width, s.v.data(), s.half.width,
                      s.size.width, s.size.height, libyuv::kFilterBox);
    // libyuv's RGB24 is blue first, and so is what it was made of: the two exchanges cancel out.
    libyuv::J420ToRGB24(s.y.data(), s.size.width, s.u.data(), s.half.width, s.v.data(), s.half.width, result.rgb.data(),
                        s.size.width * 3, s.size.width, s.size.height);
  };
}
#endif

/// A network that is nothing but pre-processing, on one thread.
Resample openvino(SizePx from, SizePx to, ov::preprocess::ResizeAlgorithm algorithm) {
  const auto shape = [](SizePx size) {
    return ov::Shape{1, static_cast<std::size_t>(size.height), static_cast<std::size_t>(size.width), 3};
  };
  const auto input = std::make_shared<ov::opset8::Parameter>(ov::element::f32, shape(to));
  const auto output = std::make_shared<ov::opset8::Result>(input);
  ov::preprocess::PrePostProcessor steps(
      std::make_shared<ov::Model>(ov::ResultVector{output}, ov::ParameterVector{input}));
  steps.input().tensor().set_element_type(ov::element::u8).set_shape(shape(from)).set_layout("NHWC");
  steps.input().preprocess().convert_element_type(ov::element::f32).resize(algorithm);
  steps.input().model().set_layout("NHWC");
  steps.output().postprocess().convert_element_type(ov::element::u8);
  auto network = ov::Core().compile_model(steps.build(), "CPU", ov::inference_num_threads(1), ov::num_streams(1),
                                          ov::hint::inference_precision(ov::element::f32));
  return [request = network.create_infer_request(), shape](const Picture& picture, Picture& result) mutable {
    request.set_input_tensor(
        ov::Tensor(ov::element::u8, shape(picture.size), const_cast<std::uint8_t*>(picture.rgb.data())));
    request.set_output_tensor(ov::Tensor(ov::element::u8, shape(result.size), result.rgb.data()));
    request.infer();
  };
}

/// Waves of many lengths, the strength of which falls with their fineness as in photographs, and grain.
Picture photograph_like(SizePx size) {
  Picture picture = made::four_corners(size);
  const Picture grain = made::noise(size, 3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      std::uint8_t* pixel = picture.at(x, y);
      for (int c = 0; c < 3; ++c) {
        const int coarse = ((x / 24 + y / 17) & 1) * 24;
        const int fine = ((x / 5 + y / 3 + c) & 1) * 12;
        const int value = pixel[c] * 3 / 4 + coarse + fine + grain.at(x, y)[c] / 16;
        pixel[c] = static_cast<std::uint8_t>(std::min(value, 255));
      }
    }
  }
  return picture;
}

struct Way {
  std::string name;
  std::function<Resample(SizePx from, SizePx to)> make;
};

std::vector<Way> ways() {
  using Algorithm = ov::preprocess::ResizeAlgorithm;
  return {
      {"own/area", [](SizePx, SizePx) { return own(Fit::Filter::kArea); }},
      {"own/bilinear", [](SizePx, SizePx) { return own(Fit::Filter::kBilinear); }},
#ifdef CURLEW_HAS_LIBYUV
      {"libyuv/rgb_box", [](SizePx from, SizePx to) { return yuv_argb(from, to, true); }},
      {"libyuv/argb_box", [](SizePx from, SizePx to) { return yuv_argb(from, to, false); }},
      {"libyuv/i420_box", [](SizePx from, SizePx to) { return yuv_planes(from, to); }},
#endif
      {"openvino/linear", [](SizePx from, SizePx to) { return openvino(from, to, Algorithm::RESIZE_LINEAR); }},
      {"openvino/pillow_bilinear",
       [](SizePx from, SizePx to) { return openvino(from, to, Algorithm::RESIZE_BILINEAR_PILLOW); }},
  };
}

struct Task {
  explicit Task(SizePx from, SizePx to)
      : picture(photograph_like(from)),
        exact(made::area_reference(picture, {.x = 0, .y = 0, .width = 1.0 * from.width, .height = 1.0 * from.height},
                                   to)) {}
  Picture picture;
  Picture exact;
};

void resample(benchmark::State& state, const Way& way, const Task& task) {
  const Resample run = way.make(task.picture.size, task.exact.size);
  Picture result(task.exact.size);
  run(task.picture, result);
  state.counters["levels_off"] = made::mean_difference(result.rgb, task.exact.rgb);
  for (auto _ : state) {
    run(task.picture, result);
    benchmark::ClobberMemory();
  }
}

void add_all() {
  const SizePx sizes[] = {{512, 384}, {960, 540}, {1352, 900}, {1920, 1080}};
  for (const int side : {224, 416}) {
    for (const SizePx from : sizes) {
      const auto task = std::make_shared<Task>(from, SizePx{.width = side, .height = side});
      for (const Way& way : ways()) {
        benchmark::RegisterBenchmark(fmt::format("{}/{}x{}/{}", way.name, from.width, from.height, side).c_str(),
                                     [way, task](benchmark::State& state) { resample(state, way, *task); })
            ->MeasureProcessCPUTime()
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

}  // namespace
}  // namespace curlew

int main(int argc, char** argv) {
  curlew::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
