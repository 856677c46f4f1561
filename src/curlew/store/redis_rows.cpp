#include "curlew/store/redis_rows.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <limits>
#include <variant>

#include "curlew/store/result_codec.hpp"

namespace curlew {
namespace {

[[noreturn]] void damaged(std::string_view what) {
  throw RedisFailure{.kind = RedisFailure::Kind::kFault,
                     .what = fmt::format("{} in Redis is damaged, or of a newer Curlew", what)};
}

/// Takes numbers and texts off the front of what encode_options wrote.
class OptionReader {
 public:
  explicit OptionReader(std::string_view bytes) : left_(bytes) {}

  template <class T>
  T number() {
    T value = 0;
    const auto colon = left_.find(':');
    const auto text = left_.substr(0, colon);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    is_good_ = is_good_ && colon != std::string_view::npos && error == std::errc() && end == text.data() + text.size();
    left_.remove_prefix(is_good_ ? colon + 1 : left_.size());
    return is_good_ ? value : T{0};
  }

  std::string text() {
    const auto size = number<std::size_t>();
    is_good_ = is_good_ && size <= left_.size();
    if (!is_good_) return {};
    std::string text(left_.substr(0, size));
    left_.remove_prefix(size);
    return text;
  }

  bool is_good_to_the_end() const { return is_good_ && left_.empty(); }

 private:
  std::string_view left_;
  bool is_good_ = true;
};

std::uint32_t count(const RedisReply& value) {
  const auto number = value.number();
  if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) damaged("a batch");
  return static_cast<std::uint32_t>(number);
}

Ending to_ending(std::int64_t number) {
  if (number < 0 || number > static_cast<std::int64_t>(Ending::kExpired)) damaged("a batch");
  return static_cast<Ending>(number);
}

}  // namespace

std::string encode_options(const BatchOptions& options) {
  return fmt::format("{}:{}:{}:{}:{}:{}{}:{}", static_cast<int>(options.task), options.top,
                     std::bit_cast<std::uint32_t>(options.threshold), options.thumbnail ? 1 : 0, options.model.size(),
                     options.model, options.publisher.size(), options.publisher);
}

std::optional<BatchOptions> decode_options(std::string_view bytes) {
  OptionReader reader(bytes);
  BatchOptions options;
  const int task = reader.number<int>();
  options.top = reader.number<int>();
  options.threshold = std::bit_cast<float>(reader.number<std::uint32_t>());
  const int thumbnail = reader.number<int>();
  options.model = reader.text();
  options.publisher = reader.text();
  const bool is_known_task = task == static_cast<int>(Task::kClassify) || task == static_cast<int>(Task::kDetect);
  if (!reader.is_good_to_the_end() || !is_known_task || thumbnail < 0 || thumbnail > 1) return std::nullopt;
  options.task = static_cast<Task>(task);
  options.thumbnail = thumbnail == 1;
  return options;
}

std::string to_text(CalendarTime time) { return std::to_string(time.time_since_epoch().count()); }

CalendarTime to_time(std::int64_t ms) { return CalendarTime(std::chrono::milliseconds(ms)); }

std::string kind_of(const ItemResult& result) {
  const auto* error = std::get_if<Error>(&result.outcome);
  if (error == nullptr) return "0";
  return error->code == ErrorCode::kCancelled ? "2" : "1";
}

const std::vector<std::string>& status_fields() {
  static const std::vector<std::string> kFields = {"options", "total",   "done",  "failed", "cancelled",
                                                   "created", "expires", "ended", "ending", "begun"};
  return kFields;
}

std::optional<RedisBatch> read_batch(const std::string& id, const RedisReply& values) {
  if (values.at(0).is_nil()) return std::nullopt;
  auto options = decode_options(values.at(0).string());
  if (!options) damaged("a batch");
  RedisBatch batch;
  batch.status.id = id;
  batch.status.options = *std::move(options);
  batch.status.total = count(values.at(1));
  batch.status.done = count(values.at(2));
  batch.status.failed = count(values.at(3));
  batch.status.cancelled = count(values.at(4));
  batch.status.created_at = to_time(values.at(5).number());
  batch.status.expires_at = to_time(values.at(6).number());
  if (!values.at(7).is_nil()) batch.status.ended_at = to_time(values.at(7).number());
  batch.ending = to_ending(values.at(8).number());
  batch.status.phase = phase_of(batch.status, batch.ending, values.at(9).number() != 0);
  return batch;
}

std::vector<KeptResult> read_events(const std::string& id, const RedisReply& entries) {
  std::vector<KeptResult> kept;
  kept.reserve(entries.elements().size());
  for (const RedisReply& entry : entries.elements()) {
    const std::string& name = entry.at(0).string();  // SEQUENCE-0
    KeptResult result;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), result.sequence);
    const RedisReply& fields = entry.at(1);  // i, index, u, text, o, outcome
    result.result.batch = id;
    result.result.index = count(fields.at(1));
    result.result.url = fields.at(3).string();
    if (error != std::errc() || *end != '-' || !decode_outcome(fields.at(5).string(), result.result)) {
      damaged("a result");
    }
    kept.push_back(std::move(result));
  }
  return kept;
}

}  // namespace curlew
