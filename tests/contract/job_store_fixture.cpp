#include "contract/job_store_fixture.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "contract/redis_server.hpp"
#include "curlew/store/memory_store.hpp"
#include "curlew/store/sqlite_store.hpp"

namespace curlew::testing_store {
namespace {

template <class T>
T pick(std::mt19937& random, T low, T high) {
  return std::uniform_int_distribution<T>(low, high)(random);
}

/// Whatever bytes: zeros, quotes, no UTF-8.
std::string random_text(std::mt19937& random, std::size_t longest) {
  std::string text(pick<std::size_t>(random, 0, longest), '\0');
  for (char& c : text) c = static_cast<char>(pick<int>(random, 0, 255));
  return text;
}

/// Any finite number, the strangest among them.
float random_float(std::mt19937& random) {
  static const std::array kStrange = {0.0F,
                                      -0.0F,
                                      1.0F,
                                      0.1F,
                                      std::numeric_limits<float>::denorm_min(),
                                      std::numeric_limits<float>::max(),
                                      std::numeric_limits<float>::lowest(),
                                      std::nextafter(1.0F, 0.0F)};
  if (pick(random, 0, 3) == 0) return kStrange[pick<std::size_t>(random, 0, kStrange.size() - 1)];
  return std::uniform_real_distribution<float>(0.0F, 5000.0F)(random);
}

double random_double(std::mt19937& random) { return std::uniform_real_distribution<double>(0.0, 1e5)(random); }

Success random_success(std::mt19937& random) {
  Success success;
  success.model = {.name = random_text(random, 20), .sha256 = random_text(random, 64)};
  success.image = {.width_px = pick(random, 0, 16384),
                   .height_px = pick(random, 0, 16384),
                   .format = static_cast<PictureFormat>(pick(random, 0, 5)),
                   .bytes = random() * std::uint64_t{0x1'0000'0001},
                   .sha256 = random_text(random, 64)};
  if (pick(random, 0, 1) == 0) success.image.thumbnail = random_text(random, pick(random, 0, 9) == 0 ? 24 * 1024 : 100);
  if (pick(random, 0, 3) == 0) success.answer.background_score = random_float(random);
  const int predictions = pick(random, 0, 9) == 0 ? 200 : pick(random, 0, 4);
  for (int i = 0; i < predictions; ++i) {
    Prediction prediction{.index = pick(random, -1, std::numeric_limits<int>::max()),
                          .label = random_text(random, 40),
                          .score = random_float(random),
                          .box = std::nullopt};
    if (pick(random, 0, 1) == 0) {
      prediction.box = Box{random_float(random), random_float(random), random_float(random), random_float(random)};
    }
    success.answer.predictions.push_back(std::move(prediction));
  }
  return success;
}

Error random_error(std::mt19937& random) {
  return Error{.code = static_cast<ErrorCode>(pick<std::size_t>(random, 0, error_table().size() - 1)),
               .message = random_text(random, 200),
               .retryable = pick(random, 0, 1) == 1,
               .http_status = pick(random, 0, 599)};
}

std::string hex(const std::string& text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string describe(const Success& success) {
  std::string out =
      fmt::format("model {} {} image {}x{} {} {} {} {}", hex(success.model.name), hex(success.model.sha256),
                  success.image.width_px, success.image.height_px, static_cast<int>(success.image.format),
                  success.image.bytes, hex(success.image.sha256), hex(success.image.thumbnail));
  if (success.answer.background_score) out += fmt::format(" background {:a}", *success.answer.background_score);
  for (const Prediction& prediction : success.answer.predictions) {
    out += fmt::format("\n  {} {} {:a}", prediction.index, hex(prediction.label), prediction.score);
    if (const auto& box = prediction.box)
      out += fmt::format(" [{:a} {:a} {:a} {:a}]", box->x1, box->y1, box->x2, box->y2);
  }
  return out;
}

std::string describe(const Error& error) {
  return fmt::format("error {} {} {} {}", static_cast<int>(error.code), hex(error.message), error.retryable,
                     error.http_status);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "curlew-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // what a test has mounted there may be busy
  std::filesystem::remove_all(path_, ignored);
}

std::vector<NewItem> some_items(std::size_t count, const std::string& origin) {
  std::vector<NewItem> items;
  items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back(NewItem{.text = fmt::format("{}/{}.jpg", origin, i), .problem = {}});
  }
  return items;
}

NewBatch some_batch(std::size_t count, const std::string& origin) {
  return NewBatch{.items = some_items(count, origin), .options = {.model = "birds"}, .idempotency = std::nullopt};
}

NewBatch pictured_batch(const std::vector<std::string>& pictures) {
  NewBatch batch = some_batch(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto bytes = std::as_bytes(std::span(pictures[i]));
    batch.items[i].picture = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
  }
  return batch;
}

std::string picture_of(const Claim& claim) {
  const auto* upload = std::get_if<Upload>(&claim.item.source);
  if (upload == nullptr) return "none";
  return {reinterpret_cast<const char*>(upload->bytes->data()), upload->bytes->size()};
}

NewBatch keyed(const std::string& key, const std::string& fingerprint) {
  NewBatch batch = some_batch(2);
  batch.idempotency = {.key = key, .fingerprint = fingerprint};
  return batch;
}

ItemResult random_result(const Claim& claim, std::mt19937& random) {
  ItemResult result = result_of(claim);
  if (pick(random, 0, 1) == 0) {
    result.outcome = random_success(random);
  } else {
    result.outcome = random_error(random);
  }
  result.timings = {.queue_ms = random_double(random),
                    .fetch_ms = random_double(random),
                    .decode_ms = random_double(random),
                    .infer_ms = random_double(random),
                    .total_ms = random_double(random)};
  return result;
}

ItemResult result_of(const Claim& claim) {
  Success success;
  success.model = {.name = claim.item.model, .sha256 = std::string(64, 'a')};
  success.answer.predictions.push_back({.index = 1, .label = "Larus", .score = 0.5F, .box = std::nullopt});
  return ItemResult{.batch = claim.item.batch,
                    .index = claim.item.index,
                    .url = claim.item.text,
                    .outcome = std::move(success),
                    .timings = {}};
}

ItemKey key_of(const Claim& claim) { return {.batch = claim.item.batch, .index = claim.item.index}; }

std::string describe(const ItemResult& result) {
  const Timings& timings = result.timings;
  return fmt::format("{} {} {} [{:a} {:a} {:a} {:a} {:a}] {}", result.batch, result.index, hex(result.url),
                     timings.queue_ms, timings.fetch_ms, timings.decode_ms, timings.infer_ms, timings.total_ms,
                     std::visit([](const auto& outcome) { return describe(outcome); }, result.outcome));
}

std::vector<Claim> claim_all(JobStore& store) {
  std::vector<Claim> all;
  for (;;) {
    auto claims = store.claim(1000, endless_room);
    if (!claims) {
      ADD_FAILURE() << claims.error().message;
      return all;
    }
    if (claims->empty()) return all;
    for (Claim& claim : *claims) all.push_back(std::move(claim));
  }
}

std::vector<KeptResult> all_results(JobStore& store, const std::string& batch, std::size_t page_size) {
  std::vector<KeptResult> all;
  for (;;) {
    auto page = store.results(batch, all.empty() ? 0 : all.back().sequence, page_size);
    if (!page) {
      ADD_FAILURE() << page.error().message;
      return all;
    }
    EXPECT_LE(page->results.size(), page_size);
    if (page->results.empty()) return all;
    for (KeptResult& kept : page->results) {
      EXPECT_EQ(kept.sequence, all.size() + 1);
      all.push_back(std::move(kept));
    }
  }
}

std::vector<Kind> kinds() {
  return {{.name = "Memory",
           .new_place =
               [] {
                 return [](const StoreLimits& limits, const Calendar& calendar) {
                   return make_memory_store(limits, calendar);
                 };
               }},
          {.name = "Sqlite",
           .new_place =
               [] {
                 auto folder = std::make_shared<TemporaryFolder>();
                 return [folder](const StoreLimits& limits, const Calendar& calendar) {
                   auto opened = open_sqlite_store({.file = folder->path() / "store.sqlite",
                                                    .limits = limits,
                                                    .calendar = calendar,
                                                    .busy_wait = std::chrono::milliseconds(1000)});
                   if (!opened) throw std::runtime_error(opened.error().message);
                   return *std::move(opened);
                 };
               },
           .keeps_pictures = false},
          {.name = "Redis", .new_place = new_redis_place, .missing = RedisServer::missing()}};
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return condition();
}

}  // namespace curlew::testing_store
