#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace curlew {

/// SHA-256 of what is added piece by piece.
///
/// Threads: one at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::span<const std::byte> bytes);
  /// 64 lower-case hex digits; nothing may be added afterwards.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// SHA-256 of `bytes` as 64 lower-case hex digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace curlew
