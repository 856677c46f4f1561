#pragma once

#include <memory>
#include <string>

#include "curlew/base/result.hpp"
#include "curlew/http/certificate_term.hpp"
#include "curlew/http/tls_files.hpp"
#include "curlew/http/transport.hpp"

namespace curlew {

/// A server's certificate and key, and how it speaks TLS: versions 1.2 and 1.3, forward secrecy always, HTTP/1.1 by
/// ALPN, no renegotiation, no compression, sessions resumed by tickets that this object alone understands.
///
/// Threads: made on any; transport() is for one at a time.
/// Cost:    some 14 KiB an idle connection; a handshake takes about 0.5 ms of its thread with an ECDSA key, with
///          RSA-2048 0.8 ms.
/// Source:  Mozilla's "intermediate" recommendation, without its finite-field suites.
class TlsContext {
 public:
  /// Errors: a sentence for whoever runs the server: something is not PEM, the key has a passphrase or belongs to
  ///         another certificate, or OpenSSL finds them too weak.
  static Result<std::shared_ptr<const TlsContext>, std::string> make(const TlsPem& pem);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// The server's side of a connection, which goes on as it is when this object goes.
  std::unique_ptr<Transport> transport(int socket) const;

  const CertificateTerm& term() const { return term_; }

 private:
  struct Native;
  TlsContext(std::unique_ptr<Native> native, const CertificateTerm& term);

  std::unique_ptr<Native> native_;
  CertificateTerm term_;
};

}  // namespace curlew
