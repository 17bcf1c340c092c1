// The certificate of a TLS server.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace bellpull {

// PEM files; the certificate's chain follows it.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

// TLS 1.2 and 1.3. Throws std::runtime_error naming the file that cannot be used.
std::unique_ptr<boost::asio::ssl::context> make_tls_context(const TlsFiles& files);

}  // namespace bellpull
