#include "curlew/fetch/easy_pool.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace curlew {
namespace {

TEST(EasyPool, GivesTheSameHandleAgain) {
  ASSERT_TRUE(start_libcurl());
  const FetchOptions options;
  EasyPool pool(options);
  EasyHandle easy = pool.take();
  ASSERT_TRUE(easy);
  const CURL* const first = easy.get();
  pool.give_back(std::move(easy));
  const EasyHandle again = pool.take();
  EXPECT_EQ(again.get(), first);
  const EasyHandle other = pool.take();
  ASSERT_TRUE(other);
  EXPECT_NE(other.get(), first) << "one that is in use";
}

TEST(EasyPool, TakesAnyNumberBack) {
  ASSERT_TRUE(start_libcurl());
  const FetchOptions options;
  EasyPool pool(options);
  std::vector<EasyHandle> many;
  for (int i = 0; i < 40; ++i) many.push_back(pool.take());
  for (EasyHandle& easy : many) pool.give_back(std::move(easy));
  pool.give_back(nullptr);
  EXPECT_TRUE(pool.take());
}

}  // namespace
}  // namespace curlew
