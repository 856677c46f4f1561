#include "curlew/fetch/curl_error.hpp"

namespace curlew {
namespace {

Error broken_off(Progress progress) {
  if (progress == Progress::kInBody) {
    return make_error(ErrorCode::kTruncated, "the origin broke off before the end of what it had declared");
  }
  return make_error(ErrorCode::kConnectFailed, "the origin dropped the connection before it answered");
}

}  // namespace

Error error_of_curl(CURLcode code, Progress progress) {
  switch (code) {
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return broken_off(progress);
    case CURLE_COULDNT_CONNECT:
      return make_error(ErrorCode::kConnectFailed, "the origin does not accept connections");
    case CURLE_OPERATION_TIMEDOUT:
      return make_error(ErrorCode::kTimeout, progress == Progress::kInBody
                                                 ? "the origin sends too slowly"
                                                 : "the origin did not answer within the time limit");
    case CURLE_COULDNT_RESOLVE_HOST:
      return make_error(ErrorCode::kDnsFailed, "the host's name has no address; check how it is spelled");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return make_error(ErrorCode::kTlsFailed, "the origin's certificate is not valid for this host");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CLIENTCERT:
      return make_error(ErrorCode::kTlsFailed, "no TLS connection could be agreed on with the origin");
    case CURLE_FILESIZE_EXCEEDED:
      return make_error(ErrorCode::kTooLarge, "the origin declares more bytes than the limit");
    case CURLE_URL_MALFORMAT:
      return make_error(ErrorCode::kUrlInvalid, "the URL cannot be fetched");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // what does not begin like HTTP
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_OUT_OF_MEMORY:  // this is how libcurl refuses a header line without an end
      return make_error(ErrorCode::kConnectFailed, "the origin's answer is not well-formed HTTP");
    default:
      break;  // the local ones: certificates that cannot be read, wrong options
  }
  return make_error(ErrorCode::kInternal, "the transfer failed for a reason of our own; the log has more");
}

}  // namespace curlew
