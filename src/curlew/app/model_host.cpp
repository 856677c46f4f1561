#include "curlew/app/model_host.hpp"

#include <stop_token>
#include <utility>

#include "curlew/base/clock.hpp"

namespace curlew {
namespace {

class HostHere final : public ModelHost {
 public:
  HostHere(ModelLibrary& library, const std::string& model) : library_(library), model_(model) {}

  void begin() override { library_.preload(model_); }
  Result<ModelCost, ModelUnavailable> wait() override {
    return library_.wait(model_).map([](const LoadReport& report) {
      return ModelCost{.total_ms = report.total_ms, .download_ms = report.downloaded > 0 ? report.find_ms : 0};
    });
  }
  LaneProvider& lanes() override { return library_; }
  void cancel() override { library_.cancel(); }

 private:
  ModelLibrary& library_;
  const std::string model_;
};

class HostInChildren final : public ModelHost {
 public:
  HostInChildren(ModelLibrary& library, const std::string& model, int lanes, SpawnedLanesOptions options)
      : library_(library), model_(model), count_(lanes), lanes_(std::move(options)) {}

  void begin() override {}
  Result<ModelCost, ModelUnavailable> wait() override {
    const auto began = now();
    const auto card = library_.card(model_);
    const bool here = card && library_.status(*card).where != Whereabouts::kDownloadable;
    const auto files = library_.pull(model_, stop_.get_token());
    ModelCost cost;
    if (!here) cost.download_ms = to_ms(now() - began);
    const auto ready = files ? lanes_.preload(model_, count_) : tl::make_unexpected(files.error());
    cost.total_ms = to_ms(now() - began);
    if (!ready) {
      lanes_.cancel();
      return tl::make_unexpected(ready.error());
    }
    return cost;
  }
  LaneProvider& lanes() override { return lanes_; }
  void cancel() override {
    stop_.request_stop();
    lanes_.cancel();
  }

 private:
  ModelLibrary& library_;
  const std::string model_;
  const int count_;
  std::stop_source stop_;
  SpawnedLanes lanes_;
};

}  // namespace

std::unique_ptr<ModelHost> host_here(ModelLibrary& library, const std::string& model) {
  return std::make_unique<HostHere>(library, model);
}

std::unique_ptr<ModelHost> host_in_children(ModelLibrary& library, const std::string& model, int lanes,
                                            SpawnedLanesOptions options) {
  return std::make_unique<HostInChildren>(library, model, lanes, std::move(options));
}

}  // namespace curlew
