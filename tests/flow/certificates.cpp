#include "flow/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace curlew::testing_http {
namespace {

constexpr unsigned kRsaBits = 2048;

template <class T, void (*Free)(T*)>
struct Freer {
  void operator()(T* object) const { Free(object); }
};
using OwnKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using OwnCertificate = std::unique_ptr<X509, Freer<X509, X509_free>>;

void must(bool good) {
  if (!good) throw std::runtime_error("no certificate for the tests can be made");
}

void close_file(std::FILE* file) { must(std::fclose(file) == 0); }
using OwnFile = std::unique_ptr<std::FILE, Freer<std::FILE, close_file>>;

OwnFile create(const std::string& path) {
  OwnFile file(std::fopen(path.c_str(), "w"));
  must(file != nullptr);
  return file;
}

void add_names(X509* certificate) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost");
  must(names != nullptr && X509_add_ext(certificate, names, -1) == 1);
  X509_EXTENSION_free(names);
}

OwnCertificate sign(EVP_PKEY* key, const CertificateWish& wish) {
  OwnCertificate certificate(X509_new());
  X509* c = certificate.get();
  must(c != nullptr && X509_set_version(c, X509_VERSION_3) == 1);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  must(ASN1_INTEGER_set_int64(X509_get_serialNumber(c), now) == 1);
  const auto valid_s = std::chrono::seconds(wish.valid_for).count();
  X509_gmtime_adj(X509_getm_notBefore(c), -2 * 24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(c), valid_s);
  X509_NAME* name = X509_get_subject_name(c);
  const auto* text = reinterpret_cast<const unsigned char*>(wish.name.c_str());
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
  must(X509_set_issuer_name(c, name) == 1 && X509_set_pubkey(c, key) == 1);
  add_names(c);
  must(X509_sign(c, key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

Certificates::Certificates() {
  std::string path = (std::filesystem::temp_directory_path() / "curlew-certificates-XXXXXX").string();
  must(::mkdtemp(path.data()) != nullptr);
  folder = path;
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

TlsFiles Certificates::make(const std::string& file_name, const CertificateWish& wish) const {
  const TlsFiles files{.certificate = folder / (file_name + ".crt"), .key = folder / (file_name + ".key")};
  const OwnKey key(wish.rsa ? EVP_RSA_gen(kRsaBits) : EVP_EC_gen("P-256"));
  must(key != nullptr);
  const OwnCertificate certificate = sign(key.get(), wish);
  must(PEM_write_X509(create(files.certificate).get(), certificate.get()) == 1);
  const EVP_CIPHER* cipher = wish.passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  const auto* secret = reinterpret_cast<const unsigned char*>(wish.passphrase.data());
  must(PEM_write_PrivateKey(create(files.key).get(), key.get(), cipher, cipher == nullptr ? nullptr : secret,
                            static_cast<int>(wish.passphrase.size()), nullptr, nullptr) == 1);
  return files;
}

}  // namespace curlew::testing_http
