#include "curlew/fetch/curl_fetcher.hpp"

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/base/thread.hpp"
#include "curlew/fetch/picture_body.hpp"
#include "curlew/fetch/transfer_loop.hpp"

namespace curlew {
namespace {

FetchOutcome failed(Error error, TimePoint started_at) {
  return FetchOutcome{.body = tl::make_unexpected(std::move(error)), .started_at = started_at, .ended_at = now()};
}

Error cancelled() { return make_error(ErrorCode::kCancelled, "the fetch was cancelled"); }

}  // namespace

class CurlFetcher::Impl {
 public:
  Impl(FetchOptions options, AddressPolicy policy, ByteBudget& budget, std::unique_ptr<Resolver> resolver)
      : options_(std::move(options)),
        policy_(std::move(policy)),
        budget_(budget),
        loop_(options_, policy_, std::move(resolver)),
        wake_(loop_.waker()) {
    budget_.set_on_release(loop_.room_waker());
    thread_ = start_thread("fetch", [this](const std::stop_token& stop) { run(stop); });
  }

  ~Impl() {
    cancel_all();
    thread_.request_stop();
    wake_();
    thread_.join();
    budget_.set_on_release({});
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start(const Source& source, Done done) {
    const TimePoint at = now();
    const auto* url = std::get_if<Url>(&source);
    if (url == nullptr) {
      return done(failed(make_error(ErrorCode::kUrlInvalid, "files of this machine are not read here"), at));
    }
    {
      const std::scoped_lock lock(mutex_);
      if (!cancelled_) {
        jobs_.push_back(Job{*url, std::move(done), at});
        done = nullptr;
      }
    }
    if (done) return done(failed(cancelled(), at));
    wake_();
  }

  void cancel_all() {
    {
      const std::scoped_lock lock(mutex_);
      cancelled_ = true;
    }
    wake_();
  }

  std::function<void()> room_waker() const { return loop_.room_waker(); }

 private:
  struct Job {
    Url url;
    Done done;
    TimePoint started_at;
  };

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      take_jobs();
      loop_.run_once();
    }
    take_jobs();  // cancel_all comes before the stop, so that this answers the last ones
  }

  void take_jobs() {
    std::vector<Job> jobs;
    bool is_cancelled = false;
    {
      const std::scoped_lock lock(mutex_);
      jobs.swap(jobs_);
      is_cancelled = cancelled_;
    }
    for (Job& job : jobs) begin(std::move(job));
    if (is_cancelled) loop_.cancel_all();
  }

  void begin(Job job) {
    auto body = std::make_shared<PictureBody>(budget_, options_.limits.picture_bytes);
    PictureBody& place = *body;
    const Url url = job.url;
    loop_.start(url, place, [body = std::move(body), job = std::move(job)](Result<void> result) {
      if (!result) return job.done(failed(std::move(result.error()), job.started_at));
      job.done(FetchOutcome{.body = body->take(), .started_at = job.started_at, .ended_at = now()});
    });
  }

  const FetchOptions options_;
  const AddressPolicy policy_;
  ByteBudget& budget_;
  TransferLoop loop_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Job> jobs_;
  bool cancelled_ = false;
  std::jthread thread_;
};

CurlFetcher::CurlFetcher(FetchOptions options, AddressPolicy policy, ByteBudget& budget,
                         std::unique_ptr<Resolver> resolver)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(policy), budget, std::move(resolver))) {}
CurlFetcher::~CurlFetcher() = default;

void CurlFetcher::start(const Source& source, Done done) { impl_->start(source, std::move(done)); }
void CurlFetcher::cancel_all() { impl_->cancel_all(); }
std::function<void()> CurlFetcher::on_budget_release() const { return impl_->room_waker(); }

}  // namespace curlew
