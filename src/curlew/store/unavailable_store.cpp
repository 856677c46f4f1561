#include "curlew/store/unavailable_store.hpp"

#include <utility>

namespace curlew {
namespace {

class UnavailableStore : public JobStore {
 public:
  explicit UnavailableStore(StoreError why)
      : why_({.code = StoreError::Code::kUnavailable, .message = std::move(why.message)}) {}

  StoreResult<Created> create(NewBatch /*batch*/) override { return refusal(); }
  StoreResult<std::vector<Claim>> claim(std::size_t /*max_items*/, const RoomOf& /*room_of*/) override {
    return refusal();
  }
  void renew_leases() override {}
  std::future<std::vector<Completion>> complete(std::vector<ItemResult> results) override {
    std::promise<std::vector<Completion>> promise;
    promise.set_value(std::vector<Completion>(results.size(), Completion::kLost));
    return promise.get_future();
  }
  void give_back(std::span<const ItemKey> /*items*/) override {}
  StoreResult<BatchStatus> cancel(const std::string& /*batch*/) override { return refusal(); }
  StoreResult<BatchStatus> status(const std::string& /*batch*/) override { return refusal(); }
  StoreResult<ResultPage> results(const std::string& /*batch*/, std::uint32_t /*after*/,
                                  std::size_t /*limit*/) override {
    return refusal();
  }
  StoreResult<std::size_t> expire() override { return refusal(); }
  StoreCounts counts() const override { return {}; }
  std::optional<StoreError> trouble() const override { return why_; }
  void set_on_work(std::function<void()> /*on_work*/) override {}
  void set_on_results(std::function<void(const NewResults&)> /*on_results*/) override {}

 private:
  tl::unexpected<StoreError> refusal() const { return tl::make_unexpected(why_); }

  const StoreError why_;
};

}  // namespace

std::unique_ptr<JobStore> make_unavailable_store(StoreError why) {
  return std::make_unique<UnavailableStore>(std::move(why));
}

}  // namespace curlew
