#pragma once

#include <span>
#include <string_view>

#include "curlew/base/metrics.hpp"

namespace curlew {

inline constexpr std::string_view kItemsTotal = "curlew_items_total";
inline constexpr std::string_view kStageDuration = "curlew_stage_duration_seconds";
inline constexpr std::string_view kQueueDepth = "curlew_queue_depth";
inline constexpr std::string_view kItemsInFlight = "curlew_items_in_flight";
inline constexpr std::string_view kBatchesTotal = "curlew_batches_total";
inline constexpr std::string_view kRejectedTotal = "curlew_rejected_total";
inline constexpr std::string_view kFetchBlockedTotal = "curlew_fetch_blocked_total";
inline constexpr std::string_view kFetchesJoinedTotal = "curlew_fetches_joined_total";
inline constexpr std::string_view kAnswerCacheLookupsTotal = "curlew_answer_cache_lookups_total";
inline constexpr std::string_view kAnswerCacheBytes = "curlew_answer_cache_bytes";
inline constexpr std::string_view kHttpRequestsTotal = "curlew_http_requests_total";
inline constexpr std::string_view kModelInfo = "curlew_model_info";
inline constexpr std::string_view kBuildInfo = "curlew_build_info";
inline constexpr std::string_view kResidentMemory = "process_resident_memory_bytes";
inline constexpr std::string_view kCpuSecondsTotal = "process_cpu_seconds_total";

/// All families of Curlew, in the order of the text that /metrics gives. Names and labels are what dashboards depend
/// on; they never change.
std::span<const MetricFamily> metric_families();

}  // namespace curlew
