// A byte says which version of the format follows; 2 is written, and 1, which has no thumbnails, still read. Numbers
// are little-endian and of fixed width, a text is its length (32 bits) and its bytes, a list its length and its
// members, what may be absent a byte 0 or 1 first.
#include "curlew/store/result_codec.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

namespace curlew {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kWithoutThumbnails = 1;
constexpr std::uint8_t kSuccess = 0;
constexpr std::uint8_t kError = 1;
/// What a prediction takes at least: a list is never believed to be longer than its bytes allow.
constexpr std::size_t kMinPredictionBytes = 4 + 4 + 4 + 1;

class Writer {
 public:
  template <class T>
    requires std::is_unsigned_v<T>
  void add(T number) {
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes_ += static_cast<char>((number >> (8 * i)) & 0xffU);
  }
  void add(std::int32_t number) { add(static_cast<std::uint32_t>(number)); }
  void add(float number) { add(std::bit_cast<std::uint32_t>(number)); }
  void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
  void add(std::string_view text) {
    add(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void add_flag(bool flag) { add(static_cast<std::uint8_t>(flag ? 1 : 0)); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Once something is missing, all further reads give zeros and `ok` is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
    requires std::is_unsigned_v<T>
  void read(T& number) {
    const std::string_view bytes = take(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    number = static_cast<T>(value);
  }
  void read(std::int32_t& number) { number = std::bit_cast<std::int32_t>(next<std::uint32_t>()); }
  void read(float& number) { number = std::bit_cast<float>(next<std::uint32_t>()); }
  void read(double& number) { number = std::bit_cast<double>(next<std::uint64_t>()); }
  void read(std::string& text) { text = take(next<std::uint32_t>()); }
  bool flag() {
    const auto byte = next<std::uint8_t>();
    ok_ = ok_ && byte <= 1;
    return byte == 1;
  }
  template <class T>
  T next() {
    T number{};
    read(number);
    return number;
  }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view take(std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool ok_ = true;
};

void write(Writer& out, const Success& success) {
  out.add(success.model.name);
  out.add(success.model.sha256);
  out.add(success.image.width_px);
  out.add(success.image.height_px);
  out.add(static_cast<std::uint8_t>(success.image.format));
  out.add(success.image.bytes);
  out.add(success.image.sha256);
  out.add(success.image.thumbnail);
  out.add_flag(success.answer.background_score.has_value());
  if (success.answer.background_score) out.add(*success.answer.background_score);
  out.add(static_cast<std::uint32_t>(success.answer.predictions.size()));
  for (const Prediction& prediction : success.answer.predictions) {
    out.add(prediction.index);
    out.add(prediction.label);
    out.add(prediction.score);
    out.add_flag(prediction.box.has_value());
    if (!prediction.box) continue;
    for (const float edge : {prediction.box->x1, prediction.box->y1, prediction.box->x2, prediction.box->y2}) {
      out.add(edge);
    }
  }
}

void write(Writer& out, const Error& error) {
  out.add(static_cast<std::uint8_t>(error.code));
  out.add(error.message);
  out.add_flag(error.retryable);
  out.add(error.http_status);
}

Prediction read_prediction(Reader& in) {
  Prediction prediction;
  in.read(prediction.index);
  in.read(prediction.label);
  in.read(prediction.score);
  if (in.flag()) {
    Box& box = prediction.box.emplace();
    for (float* edge : {&box.x1, &box.y1, &box.x2, &box.y2}) in.read(*edge);
  }
  return prediction;
}

Success read_success(Reader& in, std::uint8_t version) {
  Success success;
  in.read(success.model.name);
  in.read(success.model.sha256);
  in.read(success.image.width_px);
  in.read(success.image.height_px);
  const auto format = in.next<std::uint8_t>();
  if (format > static_cast<std::uint8_t>(PictureFormat::kAvif)) in.fail();
  success.image.format = static_cast<PictureFormat>(in.ok() ? format : 0);
  in.read(success.image.bytes);
  in.read(success.image.sha256);
  if (version != kWithoutThumbnails) in.read(success.image.thumbnail);
  if (in.flag()) success.answer.background_score = in.next<float>();
  const std::size_t predictions = in.next<std::uint32_t>();
  if (predictions > in.left() / kMinPredictionBytes) in.fail();
  for (std::size_t i = 0; i < predictions && in.ok(); ++i) success.answer.predictions.push_back(read_prediction(in));
  return success;
}

Error read_error(Reader& in) {
  Error error;
  const auto code = in.next<std::uint8_t>();
  if (code >= error_table().size()) in.fail();
  if (in.ok()) error.code = static_cast<ErrorCode>(code);
  in.read(error.message);
  error.retryable = in.flag();
  in.read(error.http_status);
  return error;
}

}  // namespace

std::string encode_outcome(const ItemResult& result) {
  Writer out;
  out.add(kVersion);
  const Timings& timings = result.timings;
  for (const double ms : {timings.queue_ms, timings.fetch_ms, timings.decode_ms, timings.infer_ms, timings.total_ms}) {
    out.add(ms);
  }
  out.add(result.ok() ? kSuccess : kError);
  std::visit([&](const auto& outcome) { write(out, outcome); }, result.outcome);
  return out.take();
}

bool decode_outcome(std::string_view bytes, ItemResult& result) {
  Reader in(bytes);
  const auto version = in.next<std::uint8_t>();
  if (version != kVersion && version != kWithoutThumbnails) return false;
  Timings& timings = result.timings;
  for (double* ms : {&timings.queue_ms, &timings.fetch_ms, &timings.decode_ms, &timings.infer_ms, &timings.total_ms}) {
    in.read(*ms);
  }
  switch (in.next<std::uint8_t>()) {
    case kSuccess:
      result.outcome = read_success(in, version);
      break;
    case kError:
      result.outcome = read_error(in);
      break;
    default:
      return false;
  }
  return in.ok() && in.at_end();
}

}  // namespace curlew
