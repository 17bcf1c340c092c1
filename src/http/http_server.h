// Listens, and serves HTTP/1.1 on as many threads as it is given. See README.md.
//
// A handler runs on the thread of its connection and may await what completes anywhere.
//
// Lifetime: whatever handlers await on other threads must be gone before the server is destroyed:
// stop(), stop the others, destroy. Threads: start() and stop() from the owner's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/log.h"
#include "base/time.h"
#include "http/limits.h"
#include "http/router.h"
#include "http/service.h"
#include "http/tls.h"

namespace bellpull {

class IoThread;

struct HttpConfig {
  std::string address = "127.0.0.1";  // an IP address; "::" is every one of this machine
  std::uint16_t port = 0;             // 0: a free one
  std::size_t threads = 1;
  std::optional<TlsFiles> tls;
  HttpLimits limits{};
};

class HttpServer {
 public:
  // Throws when the TLS files can't be used. `router` is complete when start() is called.
  HttpServer(HttpConfig config, const Router& router, ServerHooks hooks, const Clock& clock,
             Log& log);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Takes the port and returns it; connections wait until start(). Throws std::runtime_error saying
  // what is wrong with the address or the port.
  std::uint16_t open();
  // Serves, after open() where that was not called. Returns the port.
  std::uint16_t start();

  // Refuses new connections, closes idle ones at once, answers what has been asked with
  // `Connection: close`, and cuts what is left after `grace`. Returns when the threads have ended.
  void stop(Duration grace);

  std::size_t threads() const { return threads_.size(); }
  // Of the thread `index`; runs from start() to stop().
  boost::asio::io_context& context(std::size_t index);
  std::size_t connections() const;
  // Request and reply bytes that the connections hold memory for.
  std::size_t buffered_bytes() const;

 private:
  const HttpConfig config_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::unique_ptr<Service> service_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<boost::asio::ip::tcp::acceptor> acceptors_;  // from open() to start()
  std::uint16_t port_ = 0;                                 // since open()
  bool is_running_ = false;
};

}  // namespace bellpull
