#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/store/batch.hpp"
#include "curlew/store/redis_reply.hpp"
#include "curlew/store/stored_item.hpp"

namespace curlew {

/// The bytes under which a batch's options are kept.
std::string encode_options(const BatchOptions& options);

/// What encode_options wrote; nothing where `bytes` are not that. Believes no length and no number.
std::optional<BatchOptions> decode_options(std::string_view bytes);

/// A moment as it is kept: milliseconds.
std::string to_text(CalendarTime time);
CalendarTime to_time(std::int64_t ms);

/// How a result counts: "0" good, "1" failed, "2" cancelled.
std::string kind_of(const ItemResult& result);

/// The fields of a batch that read_status wants, in their order; script texts have the same.
const std::vector<std::string>& status_fields();

/// A batch as it is kept.
struct RedisBatch {
  BatchStatus status;
  Ending ending = Ending::kNone;
};

/// Reads the values of status_fields(); nothing where there is no such batch. Throws: RedisFailure where they are
/// damaged.
std::optional<RedisBatch> read_batch(const std::string& id, const RedisReply& values);

/// Reads the entries of a batch's events. Throws: RedisFailure where they are damaged.
std::vector<KeptResult> read_events(const std::string& id, const RedisReply& entries);

}  // namespace curlew
