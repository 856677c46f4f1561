#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "contract/fake_resolver.hpp"
#include "contract/scripted_origin.hpp"
#include "curlew/fetch/curl_fetcher.hpp"

namespace curlew::testing_origin {

/// What one fetch ended with, told apart for a test.
struct Seen {
  bool ok = false;
  std::string body;
  Error error;
  double took_ms = 0;
};

inline Seen seen(FetchOutcome ended) {
  const FetchOutcome outcome = std::move(ended);
  Seen result;
  result.took_ms = to_ms(outcome.ended_at - outcome.started_at);
  result.ok = outcome.body.has_value();
  if (!result.ok) {
    result.error = outcome.body.error();
    return result;
  }
  for (const std::byte byte : outcome.bytes()) result.body += static_cast<char>(byte);
  EXPECT_EQ((*outcome.body)->reservation.size(), result.body.size());
  return result;
}

/// A real CurlFetcher that may dial 127.0.0.1 and ::1 and nothing else of this machine; "bird.test" is 127.0.0.1.
class FetcherTest : public testing::Test {
 protected:
  FetcherTest() {
    options_.user_agent = "curlew-test/1 (https://example.com)";
    options_.limits.connect = std::chrono::milliseconds(5000);
    names_->set("bird.test", {"127.0.0.1"});
  }

  CurlFetcher& fetcher() {
    if (!fetcher_) {
      auto allowed = AllowList::parse(allow_net_);
      EXPECT_TRUE(allowed);
      fetcher_ = std::make_unique<CurlFetcher>(options_, AddressPolicy(*allowed), budget_,
                                               std::make_unique<FakeResolver>(names_));
    }
    return *fetcher_;
  }

  std::future<Seen> begin(const std::string& url) {
    auto promise = std::make_shared<std::promise<Seen>>();
    auto future = promise->get_future();
    const auto parsed = parse_url(url);
    EXPECT_TRUE(parsed) << url;
    fetcher().start(*parsed, [promise](FetchOutcome outcome) {
      Seen result = seen(std::move(outcome));  // the reservation is gone before anybody hears of it
      promise->set_value(std::move(result));
    });
    return future;
  }

  static Seen end(std::future<Seen>& future) {
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
      ADD_FAILURE() << "the fetch never ended";
      return {};
    }
    Seen result = future.get();
    if (!result.ok) {
      EXPECT_FALSE(result.error.message.empty());
      for (const std::string_view secret : {"127.", "::1", "10.0.", "169.254", "libcurl", "curl_"}) {
        EXPECT_EQ(result.error.message.find(secret), std::string::npos) << result.error.message;
      }
    }
    return result;
  }

  Seen fetch(const std::string& url) {
    auto future = begin(url);
    return end(future);
  }

  FetchOptions options_;
  std::vector<std::string> allow_net_{"127.0.0.1/32", "::1/128"};
  ByteBudget budget_{64 * kMiB};
  std::shared_ptr<Names> names_ = std::make_shared<Names>();
  std::unique_ptr<CurlFetcher> fetcher_;
};

}  // namespace curlew::testing_origin
