#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// What a client may cost. Each member is a limit with its default.
struct HttpLimits {
  std::chrono::milliseconds head_time = std::chrono::seconds(10);  ///< from a request's first byte to its head's last
  ByteCount head_bytes = 16 * kKiB;                                ///< beyond: 431
  ByteCount target_bytes = 8 * kKiB;                               ///< beyond: 414
  std::size_t head_fields = 100;                                   ///< beyond: 431
  ByteCount json_body_bytes = 8 * kMiB;
  ByteCount image_body_bytes = 20 * kMiB;
  ByteCount multipart_body_bytes = 40 * kMiB;
  ByteCount ignored_body_bytes = 64 * kKiB;       ///< of a body that the route does not want; beyond: 413
  ByteCount bodies_in_memory_bytes = 256 * kMiB;  ///< of all requests together, until answered; beyond: 503
  ByteCount chunk_extension_bytes = 256;          ///< of one chunk
  ByteCount trailer_bytes = 4 * kKiB;             ///< fields after a chunked body
  ByteCount body_bytes_per_s = kKiB;              ///< a slower body gets 408
  std::chrono::milliseconds body_window = std::chrono::seconds(10);  ///< over which that rate is measured
  std::chrono::milliseconds idle_time = std::chrono::seconds(60);    ///< without a request, then closed
  std::chrono::milliseconds write_stall = std::chrono::seconds(60);  ///< without a byte taken by the client, then cut
  std::chrono::milliseconds linger_time = std::chrono::seconds(2);   ///< for a refused client to read its answer
  std::size_t connections = 4096;
  std::size_t refusals_at_once = 64;        ///< connections beyond those, which only get a 503
  std::size_t handshakes_at_once = 1024;    ///< of TLS; beyond, the one that takes longest is cut
  ByteCount read_ahead_bytes = 64 * kKiB;   ///< of requests that wait for the one before (pipelining)
  ByteCount stream_room_bytes = 64 * kKiB;  ///< a stream with more than this unsent says that it is full
  ByteCount stream_limit_bytes = kMiB;      ///< a stream that would have more than this unsent is cut
  std::size_t clients_counted = 10'000;     ///< whose request rates are remembered
};

/// The PEM files of HTTPS: a certificate with its chain, and its key without a passphrase. Both or none.
struct TlsFiles {
  std::string certificate;
  std::string key;

  bool named() const { return !certificate.empty() || !key.empty(); }
};

struct HttpOptions {
  std::string listen = "127.0.0.1:8000";     ///< address and port; port 0: any free one
  std::vector<std::string> hosts;            ///< names that `Host` may have beside loopback ones; "*": any
  std::vector<std::string> trusted_proxies;  ///< networks whose `X-Forwarded-For` is believed
  std::vector<std::string> api_keys;         ///< none: routes that need a key are open
  double client_requests_per_s = 0;          ///< 0: no limit
  TlsFiles tls = {};                         ///< named: HTTPS, and nothing else
  HttpLimits limits = {};
};

}  // namespace curlew
