#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "curlew/http/http_options.hpp"

namespace curlew::testing_http {

/// What a certificate of the tests is like; it is for 127.0.0.1 and localhost, and signed with its own key.
struct CertificateWish {
  std::string name = "curlew";  ///< its common name
  std::chrono::hours valid_for = std::chrono::hours(24 * 90);
  std::string passphrase = "";  ///< of its key; "": none
  bool rsa = false;             ///< RSA-2048 in place of P-256
};

/// A folder of PEM files, gone with this object.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// Writes NAME.crt and NAME.key, over those that are there.
  TlsFiles make(const std::string& file_name, const CertificateWish& wish = {}) const;

  std::filesystem::path folder;
};

}  // namespace curlew::testing_http
