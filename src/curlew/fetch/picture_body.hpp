#pragma once

#include <optional>
#include <vector>

#include "curlew/base/permits.hpp"
#include "curlew/fetch/body.hpp"
#include "curlew/fetch/fetcher.hpp"

namespace curlew {

/// Keeps a picture in memory: never more than `limit` bytes, and only what `budget` has room for.
class PictureBody : public Body {
 public:
  PictureBody(ByteBudget& budget, ByteCount limit) : budget_(budget), limit_(limit) {}

  bool wants(int status) const override { return status == 200; }
  Result<Room> begin(const AnswerHead& head) override;
  Result<void> write(std::span<const std::byte> bytes) override;
  void finish() override;
  void reset() override;

  std::shared_ptr<const FetchedBytes> take() {
    return std::make_shared<const FetchedBytes>(std::move(bytes_), std::move(reservation_));
  }

 private:
  ByteBudget& budget_;
  ByteCount limit_;
  ByteCount expected_ = 0;  // how many bytes may come at most
  std::vector<std::byte> bytes_;
  ByteReservation reservation_;
};

}  // namespace curlew
