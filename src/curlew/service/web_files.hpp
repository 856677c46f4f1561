#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "curlew/http/http_headers.hpp"

namespace curlew {

/// A file of the web page that is compiled in.
struct WebFile {
  std::string_view name;    ///< "/" and "/docs" for the pages, "app.js" for what they are made of
  std::string_view media;   ///< for Content-Type
  std::string_view digest;  ///< hex digits that change with the content
  std::string_view plain;
  std::string_view packed;  ///< by gzip; empty where that saves nothing
};

/// Every file, written at build time by embed_web.py from web/ and the explorer's.
std::span<const WebFile> web_files();

/// What the pages put between "/assets/" and a file's name: it changes with any of them.
std::string_view web_version();

/// The file of this name; nullptr where there is none.
const WebFile* find_web_file(std::string_view name);

/// Whether a client that sent these values of `Accept-Encoding` takes gzip.
///
/// Source: RFC 9110, section 12.5.3.
bool accepts_gzip(std::span<const std::string_view> accept_encoding);

/// How long a browser may keep a file without asking.
enum class Keep : std::uint8_t {
  kAskAgain,  ///< never
  kForEver,   ///< its name changes with its content
};

struct WebAnswer {
  int status = 200;  ///< or 304
  HttpHeaders headers;
  std::string_view body;
};

/// The answer to a request for `file` with these headers. `policy` is its Content-Security-Policy; "": the server's
/// own.
WebAnswer answer_file(const WebFile& file, Keep keep, std::string_view policy, const HttpHeaders& request);

}  // namespace curlew
