#include "curlew/pipeline/flight_window.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

TEST(FlightWindow, GrowsWhereWorkersHaveNothingToDoAndItIsFull) {
  FlightWindow window(4, 20);
  EXPECT_EQ(window.size(), 4U);
  window.starved(3);
  EXPECT_EQ(window.size(), 4U) << "the source is what gives too little";
  window.starved(4);
  EXPECT_EQ(window.size(), 8U);
  for (int i = 0; i < 5; ++i) window.starved(20);
  EXPECT_EQ(window.size(), 20U);
}

TEST(FlightWindow, ShrinksWhereFetchedItemsWait) {
  FlightWindow window(4, 20);
  window.starved(4);
  window.fetched(2, 2);
  EXPECT_EQ(window.size(), 8U) << "one for each worker keeps it busy";
  window.fetched(3, 2);
  EXPECT_EQ(window.size(), 7U);
  for (int i = 0; i < 9; ++i) window.fetched(3, 2);
  EXPECT_EQ(window.size(), 4U);
}

}  // namespace
}  // namespace curlew
