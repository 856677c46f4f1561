#include "curlew/decode/sampling.hpp"

#include <gtest/gtest.h>

#include <random>

namespace curlew {
namespace {

using Filter = Fit::Filter;

double weight_sum(const Span& span) {
  const int inner = std::max(0, span.last - span.first - 1);
  return double{span.first_weight} + double{span.last_weight} + double{span.inner_weight} * inner;
}

TEST(Sampling, AveragesWholePixels) {
  const auto spans = spans_of(0, 12, 12, 3, Filter::kArea);
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[1].first, 4);
  EXPECT_EQ(spans[1].last, 7);
  EXPECT_FLOAT_EQ(spans[1].first_weight, 0.25F);
  EXPECT_FLOAT_EQ(spans[1].inner_weight, 0.25F);
  EXPECT_FLOAT_EQ(spans[1].last_weight, 0.25F);
}

TEST(Sampling, WeighsPartsOfPixels) {
  const auto spans = spans_of(0, 3, 3, 2, Filter::kArea);
  EXPECT_EQ(spans[0].last, 1);
  EXPECT_FLOAT_EQ(spans[0].first_weight, 2.0F / 3);
  EXPECT_FLOAT_EQ(spans[0].last_weight, 1.0F / 3);
}

TEST(Sampling, TakesTheTwoNearestByHalfPixelCentres) {
  const auto spans = spans_of(0, 8, 8, 2, Filter::kBilinear);
  EXPECT_EQ(spans[0].first, 1);
  EXPECT_EQ(spans[0].last, 2);
  EXPECT_FLOAT_EQ(spans[0].first_weight, 0.5F);
}

TEST(Sampling, EnlargesByBilinearWhateverTheFilter) {
  for (const auto filter : {Filter::kArea, Filter::kBilinear}) {
    const auto spans = spans_of(0, 2, 2, 4, filter);
    EXPECT_EQ(spans[0].first, 0);
    EXPECT_EQ(spans[0].last, 0) << "outside, the border pixel goes on";
    EXPECT_FLOAT_EQ(spans[1].first_weight, 0.75F);
    EXPECT_FLOAT_EQ(spans[1].last_weight, 0.25F);
    EXPECT_EQ(spans[3].first, 1);
    EXPECT_EQ(spans[3].last, 1);
  }
}

TEST(Sampling, KeepsEverySpanInsideAndItsWeightsAtOne) {
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    const int size = std::uniform_int_distribution<int>(1, 3000)(random);
    const int count = std::uniform_int_distribution<int>(1, 700)(random);
    std::uniform_real_distribution<double> part(0, size);
    const double a = part(random);
    const double b = part(random);
    const double start = std::min(a, b);
    const double length = std::max(1e-3, std::max(a, b) - start);
    for (const auto filter : {Filter::kArea, Filter::kBilinear}) {
      Span before;
      for (const Span& span : spans_of(start, std::min(length, size - start), size, count, filter)) {
        ASSERT_GE(span.first, before.first);
        ASSERT_GE(span.last, before.last);
        ASSERT_LE(span.first, span.last);
        ASSERT_GE(span.first, 0);
        ASSERT_LT(span.last, size);
        ASSERT_NEAR(weight_sum(span), 1, 1e-4);
        ASSERT_GE(span.first_weight, 0);
        ASSERT_GE(span.last_weight, 0);
        before = span;
      }
    }
  }
}

}  // namespace
}  // namespace curlew
