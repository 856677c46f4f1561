#include "curlew/http/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

using Outcome = TransportStep::Outcome;

constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;  // the most that a record of TLS holds
constexpr const char* kCiphers =                              // of TLS 1.2; those of 1.3 are all good
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::array<std::string_view, 2> kProtocols{"http/1.1", "http/1.0"};

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using OwnBio = std::unique_ptr<BIO, Freer<BIO_free>>;
using OwnCertificate = std::unique_ptr<X509, Freer<X509_free>>;
using OwnKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using OwnContext = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using OwnSsl = std::unique_ptr<SSL, Freer<SSL_free>>;

std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text == nullptr ? "unknown" : text;
}

/// The socket as OpenSSL's functions see it: theirs would end the process by SIGPIPE.
struct SocketEnd {
  int socket = -1;
  bool ended = false;
};

SocketEnd& end_of(BIO* bio) { return *static_cast<SocketEnd*>(BIO_get_data(bio)); }

bool passes(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int bio_read(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  SocketEnd& end = end_of(bio);
  const ssize_t bytes = ::recv(end.socket, room, static_cast<std::size_t>(size), 0);
  if (bytes == 0) end.ended = true;
  if (bytes < 0 && passes(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(bytes);
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(end_of(bio).socket, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && passes(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long bio_ctrl(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  return command == BIO_CTRL_EOF && end_of(bio).ended ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
    if (method == nullptr) return method;
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return method;
  }();
  return kMethod;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(SSL_CTX* context, int socket) : end_{.socket = socket}, ssl_(SSL_new(context)) {
    BIO* bio = ssl_ ? BIO_new(socket_method()) : nullptr;
    if (bio == nullptr) {
      failed_ = true;
      return;
    }
    BIO_set_data(bio, &end_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
  }

  bool has_handshake() const override { return true; }

  TransportStep handshake() override {
    if (failed_) return {Outcome::kFailed};
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return {Outcome::kDone};
    const bool plain = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
    const Outcome outcome = outcome_of(result);
    if (outcome == Outcome::kFailed) log_debug("a TLS handshake failed: {}", reason());
    return {plain ? Outcome::kPlainHttp : outcome};
  }

  TransportStep read(std::span<char> room) override {
    if (ended_) return throw_away(room);
    if (said_later_) return {*std::exchange(said_later_, std::nullopt)};
    std::size_t taken = 0;
    while (taken < room.size() && !failed_) {
      ERR_clear_error();
      const int want = int_of(room.size() - taken);
      const int bytes = SSL_read(ssl_.get(), room.data() + taken, want);
      if (bytes <= 0) {
        const Outcome outcome = outcome_of(bytes);
        if (taken == 0) return {outcome};
        // The socket may never have anything to read again, so this is not to be asked of it.
        if (outcome == Outcome::kEnded || outcome == Outcome::kFailed) said_later_ = outcome;
        break;
      }
      taken += static_cast<std::size_t>(bytes);
    }
    return {taken > 0 ? Outcome::kDone : Outcome::kFailed, taken};
  }

  bool has_buffered_input() const override {
    return said_later_ || (ssl_ && !ended_ && !failed_ && SSL_pending(ssl_.get()) > 0);
  }

  TransportStep write(std::span<const std::string_view> parts) override {
    if (failed_ || ended_) return {Outcome::kFailed};
    std::array<char, kRecordBytes> gathered;
    const std::string_view record = first_record(parts, gathered);
    ERR_clear_error();
    const int sent = SSL_write(ssl_.get(), record.data(), int_of(record.size()));
    if (sent > 0) return {Outcome::kDone, static_cast<std::size_t>(sent)};
    const Outcome outcome = outcome_of(sent);
    return {outcome == Outcome::kEnded ? Outcome::kFailed : outcome};
  }

  TransportStep end() override {
    if (!ended_ && !failed_ && SSL_is_init_finished(ssl_.get()) == 1) {
      ERR_clear_error();
      const int result = SSL_shutdown(ssl_.get());
      if (result < 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE) return {Outcome::kNeedsWrite};
    }
    ended_ = true;
    ssl_.reset();
    said_later_.reset();
    return {Outcome::kDone};
  }

  void close() override {
    end_.socket = -1;
    failed_ = true;
    ssl_.reset();
    said_later_.reset();
  }

 private:
  static int int_of(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
  }

  /// Small parts go together, since each record costs some 30 bytes and a packet. Said again, it is the same.
  static std::string_view first_record(std::span<const std::string_view> parts, std::array<char, kRecordBytes>& room) {
    std::size_t filled = 0;
    for (const std::string_view part : parts) {
      if (filled == 0 && part.size() >= room.size()) return part.substr(0, room.size());
      const std::size_t bytes = std::min(part.size(), room.size() - filled);
      std::copy_n(part.begin(), bytes, room.begin() + static_cast<std::ptrdiff_t>(filled));
      filled += bytes;
    }
    return {room.data(), filled};
  }

  Outcome outcome_of(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Outcome::kNeedsRead;
      case SSL_ERROR_WANT_WRITE:
        return Outcome::kNeedsWrite;
      case SSL_ERROR_ZERO_RETURN:
        return Outcome::kEnded;
      default:
        failed_ = true;
        return Outcome::kFailed;
    }
  }

  TransportStep throw_away(std::span<char> room) const {
    const ssize_t bytes = ::recv(end_.socket, room.data(), room.size(), 0);
    if (bytes > 0) return {Outcome::kDone, static_cast<std::size_t>(bytes)};
    return {bytes < 0 && passes(errno) ? Outcome::kNeedsRead : Outcome::kEnded};
  }

  SocketEnd end_;
  OwnSsl ssl_;
  std::optional<Outcome> said_later_;  ///< what came behind the bytes of the read before
  bool failed_ = false;
  bool ended_ = false;
};

/// What is spoken behind the handshake. A client that names only other protocols would misread our answers.
int select_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*argument*/) {
  for (const std::string_view ours : kProtocols) {
    for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
      const unsigned int size = offered[at];
      const bool whole = at + 1U + size <= offered_size;
      if (!whole || size != ours.size() || std::memcmp(offered + at + 1, ours.data(), size) != 0) continue;
      *chosen = offered + at + 1;
      *chosen_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int refuse_passphrase(char* /*room*/, int /*size*/, int /*writes*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

OwnBio bio_of(const std::string& text) { return OwnBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::chrono::sys_seconds time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const std::chrono::year_month_day day(std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

OwnContext new_context() {
  OwnContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return nullptr;
  SSL_CTX* c = context.get();
  SSL_CTX_set_options(
      c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Requests say where they end, so that a client that leaves without a farewell can cut off none unseen.
  SSL_CTX_set_options(c, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Else one read would go on for as long as a client sends messages without data in them.
  SSL_CTX_clear_mode(c, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(c, select_protocol, nullptr);
  const bool set = SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(c, kCiphers) == 1 &&
                   SSL_CTX_set1_groups_list(c, kGroups) == 1;
  return set ? std::move(context) : nullptr;
}

using Fault = std::optional<std::string>;

Fault use_chain(SSL_CTX* context, const std::string& pem, OwnCertificate& own) {
  const OwnBio bio = bio_of(pem);
  own.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!own) return fmt::format("http.tls_certificate holds no certificate in PEM form ({})", reason());
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return fmt::format("the certificate of http.tls_certificate cannot be used ({})", reason());
  }
  for (;;) {
    const OwnCertificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!next && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) break;
    if (!next || SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return fmt::format("the chain in http.tls_certificate is broken ({})", reason());
    }
  }
  ERR_clear_error();
  return std::nullopt;
}

Fault use_key(SSL_CTX* context, const std::string& pem, X509* own) {
  bool asked = false;
  const OwnKey key(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, refuse_passphrase, &asked));
  if (asked) {
    return "http.tls_key has a passphrase, which is not supported: write it without one "
           "(openssl pkey -in OLD.pem -out NEW.pem) into a file that only the service's account can read";
  }
  if (!key) return fmt::format("http.tls_key holds no private key in PEM form ({})", reason());
  if (X509_check_private_key(own, key.get()) != 1) {
    ERR_clear_error();
    return "http.tls_key is not the key of the first certificate in http.tls_certificate: that is to be the server's "
           "own, with its chain behind it";
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return fmt::format("the key of http.tls_key cannot be used ({})", reason());
  }
  return std::nullopt;
}

}  // namespace

struct TlsContext::Native {
  OwnContext context;
};

TlsContext::TlsContext(std::unique_ptr<Native> native, const CertificateTerm& term)
    : native_(std::move(native)), term_(term) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>, std::string> TlsContext::make(const TlsPem& pem) {
  ERR_clear_error();
  auto native = std::make_unique<Native>(Native{new_context()});
  if (!native->context) return tl::make_unexpected(fmt::format("OpenSSL cannot serve TLS here ({})", reason()));
  OwnCertificate own;
  if (auto fault = use_chain(native->context.get(), pem.certificate, own)) return tl::make_unexpected(*fault);
  if (auto fault = use_key(native->context.get(), pem.key, own.get())) return tl::make_unexpected(*fault);
  const CertificateTerm term{.begin = time_of(X509_get0_notBefore(own.get())),
                             .end = time_of(X509_get0_notAfter(own.get()))};
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(native), term));
}

std::unique_ptr<Transport> TlsContext::transport(int socket) const {
  return std::make_unique<TlsTransport>(native_->context.get(), socket);
}

}  // namespace curlew
