#include "curlew/decode/resize_kernels.hpp"

#include <cstring>

// Each loop is written once, and compiled for each width of vectors by being inlined into a function of that target:
// Debian compiles for CPUs of 2003. Products and sums stay apart (no fused multiply-add; see CMakeLists.txt), so that
// all widths round alike.

#define CURLEW_INLINE [[gnu::always_inline]] inline

namespace curlew {
namespace {

// Four inks; or red, green, blue, and the next pixel's red, which nobody reads. The vector types of g++ and clang:
// neither makes vectors of three channels out of a loop.
using Lanes = float __attribute__((vector_size(16)));
using WholeLanes = std::int32_t __attribute__((vector_size(16)));

CURLEW_INLINE Lanes lanes_at(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

CURLEW_INLINE void start_sum(const std::uint8_t* row, std::uint32_t* sum, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] = row[i];
}

CURLEW_INLINE void add_to_sum(const std::uint8_t* row, std::uint32_t* sum, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += row[i];
}

CURLEW_INLINE void mix_rows(const Span& span, const SpanRows& rows, float* line, std::size_t count) {
  const auto [first, inner, last] = rows;
  const auto [from, to, first_weight, inner_weight, last_weight] = span;
  if (to - from > 1) {
    for (std::size_t i = 0; i < count; ++i) {
      line[i] = static_cast<float>(first[i]) * first_weight +
                static_cast<float>(static_cast<int>(inner[i])) * inner_weight +
                static_cast<float>(last[i]) * last_weight;
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      line[i] = static_cast<float>(first[i]) * first_weight + static_cast<float>(last[i]) * last_weight;
    }
  }
}

template <int channels>
CURLEW_INLINE void mix_pixels(std::span<const Span> spans, const float* line, std::uint8_t* out, std::ptrdiff_t step) {
  for (const Span& span : spans) {
    const float* first = line + std::ptrdiff_t{span.first} * channels;
    const float* last = line + std::ptrdiff_t{span.last} * channels;
    Lanes sum = lanes_at(first) * span.first_weight + lanes_at(last) * span.last_weight;
    if (span.last - span.first > 1) {
      // Two sums, so that an addition need not wait for the one before it.
      Lanes even{};
      Lanes odd{};
      const float* at = first + channels;
      for (; at + channels < last; at += channels + channels) {
        even += lanes_at(at);
        odd += lanes_at(at + channels);
      }
      if (at < last) even += lanes_at(at);
      sum += (even + odd) * span.inner_weight;
    }
    // The weights sum to 1, so that the value lies in [0, 255] but for the last bits of a float, which the rounding
    // swallows.
    const WholeLanes whole = __builtin_convertvector(sum + 0.5F, WholeLanes);
    for (int i = 0; i < channels; ++i) out[i] = static_cast<std::uint8_t>(whole[i]);
    out += step;
  }
}

}  // namespace

#define CURLEW_TARGET_plain
#define CURLEW_TARGET_avx2 [[gnu::target("avx2")]]

// One set, of functions for the target of that name.
#define CURLEW_KERNELS(name)                                                                               \
  namespace {                                                                                              \
  namespace name {                                                                                         \
  CURLEW_TARGET_##name void start(const std::uint8_t* row, std::uint32_t* sum, std::size_t count) {        \
    start_sum(row, sum, count);                                                                            \
  }                                                                                                        \
  CURLEW_TARGET_##name void add(const std::uint8_t* row, std::uint32_t* sum, std::size_t count) {          \
    add_to_sum(row, sum, count);                                                                           \
  }                                                                                                        \
  CURLEW_TARGET_##name void rows(const Span& span, const SpanRows& rows, float* line, std::size_t count) { \
    mix_rows(span, rows, line, count);                                                                     \
  }                                                                                                        \
  template <int channels>                                                                                  \
  CURLEW_TARGET_##name void pixels(std::span<const Span> spans, const float* line, std::uint8_t* out,      \
                                   std::ptrdiff_t step) {                                                  \
    mix_pixels<channels>(spans, line, out, step);                                                          \
  }                                                                                                        \
  constexpr ResizeKernels kThree{start, add, rows, pixels<3>};                                             \
  constexpr ResizeKernels kFour{start, add, rows, pixels<4>};                                              \
  }                                                                                                        \
  }

CURLEW_KERNELS(plain)
const ResizeKernels& plain_resize_kernels(int channels) { return channels == 3 ? plain::kThree : plain::kFour; }

#ifdef __x86_64__
CURLEW_KERNELS(avx2)
const ResizeKernels& resize_kernels(int channels) {
  if (!__builtin_cpu_supports("avx2")) return plain_resize_kernels(channels);
  return channels == 3 ? avx2::kThree : avx2::kFour;
}
#else
const ResizeKernels& resize_kernels(int channels) { return plain_resize_kernels(channels); }
#endif

}  // namespace curlew
