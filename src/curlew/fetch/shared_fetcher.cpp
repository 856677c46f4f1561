#include "curlew/fetch/shared_fetcher.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace curlew {

void SharedFetcher::start(const Source& source, Done done) {
  const auto* url = std::get_if<Url>(&source);
  if (url == nullptr) return web_->start(source, std::move(done));
  const std::string key = url->text();
  {
    const std::scoped_lock lock(mutex_);
    const auto [flight, is_first] = flights_.try_emplace(key);
    flight->second.push_back({.done = std::move(done), .came_at = now()});
    if (!is_first) {
      ++joined_;
      return;
    }
  }
  web_->start(source, [this, key](const FetchOutcome& outcome) { land(key, outcome); });
}

void SharedFetcher::land(const std::string& url, const FetchOutcome& outcome) {
  std::vector<Passenger> passengers;
  {
    const std::scoped_lock lock(mutex_);
    passengers = std::move(flights_.extract(url).mapped());
  }
  for (const Passenger& passenger : passengers) {
    FetchOutcome own = outcome;
    own.started_at = std::max(own.started_at, passenger.came_at);
    passenger.done(std::move(own));
  }
}

}  // namespace curlew
