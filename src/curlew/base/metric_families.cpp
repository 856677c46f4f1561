#include "curlew/base/metric_families.hpp"

#include <array>
#include <cstddef>

namespace curlew {
namespace {

using Labels = std::string_view;

constexpr std::array<Labels, 3> kItemLabels{"task", "outcome", "code"};
constexpr std::array<Labels, 1> kStage{"stage"};
constexpr std::array<Labels, 1> kStatus{"status"};
constexpr std::array<Labels, 1> kReason{"reason"};
constexpr std::array<Labels, 1> kResult{"result"};
constexpr std::array<Labels, 2> kHttpLabels{"route", "code"};
constexpr std::array<Labels, 3> kModelLabels{"task", "model", "sha256"};
constexpr std::array<Labels, 1> kBuildLabels{"version"};

/// From half a millisecond, a small picture's decoding, to a minute, twice the time that an item may take to be
/// fetched.
constexpr std::array<double, 16> kStageBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                              0.25,   0.5,   1,      2.5,   5,    10,    30,   60};

/// Two tasks with an `ok` and 19 item errors each, and room for one more.
constexpr std::size_t kItemSeries = 60;
/// More than the routes times the codes that one of them gives.
constexpr std::size_t kHttpSeries = 500;
/// Far more statuses, reasons or models than there are.
constexpr std::size_t kFewSeries = 40;

constexpr std::array<MetricFamily, 15> kTable{{
    {kItemsTotal,
     MetricType::kCounter,
     "Items with a result, by what came of them; code is the item error's, and empty where the outcome is ok.",
     kItemLabels,
     {},
     kItemSeries},
    {kStageDuration, MetricType::kHistogram, "How long items took in each stage that they reached, in seconds.", kStage,
     kStageBounds, kFewSeries},
    {kQueueDepth, MetricType::kGauge, "Items of batches that nobody has begun.", {}, {}, 1},
    {kItemsInFlight, MetricType::kGauge, "Items that are in each stage now.", kStage, {}, kFewSeries},
    {kBatchesTotal, MetricType::kCounter, "Batches that came to each status.", kStatus, {}, kFewSeries},
    {kRejectedTotal,
     MetricType::kCounter,
     "Requests that were turned away before any work was done, by reason.",
     kReason,
     {},
     kFewSeries},
    {kFetchBlockedTotal,
     MetricType::kCounter,
     "Fetches that the policy of addresses refused, by reason.",
     kReason,
     {},
     kFewSeries},
    {kFetchesJoinedTotal,
     MetricType::kCounter,
     "Items whose URL was on its way for another item, whose bytes they got.",
     {},
     {},
     1},
    {kAnswerCacheLookupsTotal,
     MetricType::kCounter,
     "Pictures that were looked for in the cache of answers; hit: the same bytes had been named before.",
     kResult,
     {},
     2},
    {kAnswerCacheBytes, MetricType::kGauge, "Memory that the cache of answers takes, in bytes, about.", {}, {}, 1},
    {kHttpRequestsTotal,
     MetricType::kCounter,
     "HTTP requests that are over; code is the status, none where the client went before there was one.",
     kHttpLabels,
     {},
     kHttpSeries},
    {kModelInfo,
     MetricType::kGauge,
     "1 for each model in use, with the SHA-256 of its file.",
     kModelLabels,
     {},
     kFewSeries},
    {kBuildInfo, MetricType::kGauge, "1, with the version of Curlew.", kBuildLabels, {}, 1},
    {kResidentMemory, MetricType::kGauge, "Memory that this process has in RAM, in bytes.", {}, {}, 1},
    {kCpuSecondsTotal,
     MetricType::kCounter,
     "CPU time that this process has spent, user and system, in seconds.",
     {},
     {},
     1},
}};

}  // namespace

std::span<const MetricFamily> metric_families() { return kTable; }

}  // namespace curlew
