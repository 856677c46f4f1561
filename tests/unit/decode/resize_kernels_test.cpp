#include "curlew/decode/resize_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

namespace curlew {
namespace {

// Odd lengths too, so that what is left over behind the last whole vector counts.
constexpr std::size_t kCounts[] = {1, 3, 7, 8, 31, 32, 33, 224 * 3, 1437};

std::vector<std::uint8_t> random_bytes(std::size_t count, std::mt19937& random) {
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// All of a set, by turns: three rows between a first and a last are summed, mixed and put together.
std::vector<std::uint8_t> put_together(const ResizeKernels& kernels, int channels, int from, int to, bool backwards) {
  std::mt19937 random(static_cast<unsigned>(from * 1000 + to));
  const std::size_t values = static_cast<std::size_t>(from) * static_cast<std::size_t>(channels);
  const auto first = random_bytes(values, random);
  const auto last = random_bytes(values, random);
  std::vector<std::uint32_t> sum(values);
  kernels.start_sum(random_bytes(values, random).data(), sum.data(), values);
  for (int row = 0; row < 2; ++row) kernels.add_to_sum(random_bytes(values, random).data(), sum.data(), values);
  std::vector<float> line(values + kLinePadding);
  const Span down{.first = 0, .last = 4, .first_weight = 0.17F, .inner_weight = 0.22F, .last_weight = 0.17F};
  kernels.mix_rows(down, {.first = first.data(), .inner = sum.data(), .last = last.data()}, line.data(), values);
  std::vector<std::uint8_t> result(static_cast<std::size_t>(to) * static_cast<std::size_t>(channels));
  const auto spans = spans_of(0, from, from, to, Fit::Filter::kArea);
  std::uint8_t* out = backwards ? result.data() + std::ptrdiff_t{to - 1} * channels : result.data();
  kernels.mix_pixels(spans, line.data(), out, backwards ? -channels : channels);
  return result;
}

TEST(ResizeKernels, OfThisCpuPutTogetherTheSameBytesAsThoseForAny) {
  for (const int channels : {3, 4}) {
    for (const int to : {1, 5, 31, 224}) {
      for (const int from : {1, 4, 33, 224, 300, 480, 741, 1920}) {
        for (const bool backwards : {false, true}) {
          EXPECT_EQ(put_together(resize_kernels(channels), channels, from, to, backwards),
                    put_together(plain_resize_kernels(channels), channels, from, to, backwards))
              << from << " to " << to << ", " << channels << " channels";
        }
      }
    }
  }
}

TEST(ResizeKernels, OfThisCpuMixRowsToTheLastBitAsThoseForAnyDo) {
  std::mt19937 random(7);
  const Span spans[] = {{.first = 2, .last = 9, .first_weight = 0.051F, .inner_weight = 0.149F, .last_weight = 0.055F},
                        {.first = 2, .last = 3, .first_weight = 0.3F, .last_weight = 0.7F},
                        {.first = 4, .last = 4}};
  for (const std::size_t count : kCounts) {
    const auto first = random_bytes(count, random);
    const auto last = random_bytes(count, random);
    std::vector<std::uint32_t> inner(count);
    std::ranges::generate(inner, [&random] { return static_cast<std::uint32_t>(random() % 1531); });
    for (const Span& span : spans) {
      const auto mixed = [&](const ResizeKernels& kernels) {
        std::vector<float> line(count);
        kernels.mix_rows(span, {.first = first.data(), .inner = inner.data(), .last = last.data()}, line.data(), count);
        std::vector<std::uint32_t> bits;
        for (const float value : line) bits.push_back(std::bit_cast<std::uint32_t>(value));
        return bits;
      };
      EXPECT_EQ(mixed(resize_kernels(3)), mixed(plain_resize_kernels(3))) << count;
    }
  }
}

TEST(ResizeKernels, SumRowsToTheirCountAndNoFurther) {
  std::mt19937 random(8);
  for (const ResizeKernels* kernels : {&resize_kernels(3), &plain_resize_kernels(3)}) {
    for (const std::size_t count : kCounts) {
      const auto one = random_bytes(count, random);
      const auto two = random_bytes(count, random);
      std::vector<std::uint32_t> sum(count + 1, 12'345);
      kernels->start_sum(one.data(), sum.data(), count);
      kernels->add_to_sum(two.data(), sum.data(), count);
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(sum[i], std::uint32_t{one[i]} + two[i]) << i;
      EXPECT_EQ(sum[count], 12'345U);
    }
  }
}

}  // namespace
}  // namespace curlew
