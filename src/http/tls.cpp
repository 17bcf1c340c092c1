#include "http/tls.h"

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/ssl.h>
#include <openssl/tls1.h>

namespace bellpull {
namespace {

void check(const boost::system::error_code& failure, const std::string& what,
           const std::string& file) {
  if (failure) {
    throw std::runtime_error("The TLS " + what + " " + file +
                             " can't be used: " + failure.message());
  }
}

// A client that offers HTTP/2 too is told what it gets.
int choose_protocol(SSL* /*tls*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*context*/) {
  static constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  const int outcome =
      SSL_select_next_proto(&selected, chosen_size, http_1_1.data(),
                            static_cast<unsigned>(http_1_1.size()), offered, offered_size);
  *chosen = selected;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

std::unique_ptr<boost::asio::ssl::context> make_tls_context(const TlsFiles& files) {
  using boost::asio::ssl::context;
  auto tls = std::make_unique<context>(context::tls_server);
  boost::system::error_code failure;
  tls->use_certificate_chain_file(files.certificate, failure);
  check(failure, "certificate", files.certificate);
  tls->use_private_key_file(files.key, context::pem, failure);
  check(failure, "key", files.key);
  SSL_CTX* const native = tls->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
  return tls;
}

}  // namespace bellpull
