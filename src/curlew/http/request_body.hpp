#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/http/http_options.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/http/request_head.hpp"

namespace curlew {

/// Reads the body of one request, by length or in chunks, in whatever pieces it comes.
///
/// Source: RFC 9112, sections 6 and 7.1; of what that leaves open, the strict reading.
///         (Beast's own reader of chunks is not used: in Boost 1.81 an assertion of it ends the process where the last
///         chunk comes in pieces.)
class BodyReader {
 public:
  /// `max_bytes`: of the body; its chunks' sizes, extensions and trailers have limits of their own.
  BodyReader(const Framing& framing, ByteCount max_bytes, const HttpLimits& limits);

  /// Takes what belongs to the body. Trailers are read and thrown away.
  ///
  /// Returns: how many bytes were taken.
  /// Errors:  kBodyTooLarge, kMalformed. Nothing may be given to it afterwards.
  Result<std::size_t, HttpProblem> take(std::string_view bytes);

  bool done() const { return state_ == State::kDone; }
  std::string& body() { return body_; }

 private:
  enum class State : std::uint8_t {
    kPlain,
    kSize,
    kExtension,
    kSizeEnd,  ///< after the carriage return
    kData,
    kDataReturn,
    kDataEnd,
    kTrailer,
    kTrailerEnd,
    kDone
  };

  std::size_t take_data(std::string_view bytes);
  bool take_framing_byte(char c);
  bool end_size_line();

  const HttpLimits& limits_;
  ByteCount max_bytes_;
  State state_;
  ByteCount declared_ = 0;
  ByteCount left_ = 0;  ///< of the body, or of this chunk
  bool has_digits_ = false;
  bool too_large_ = false;
  ByteCount extension_bytes_ = 0;
  ByteCount trailer_bytes_ = 0;
  bool trailer_line_empty_ = true;
  std::string body_;
};

}  // namespace curlew
