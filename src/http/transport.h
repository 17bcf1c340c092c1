// The bytes of one connection, plain or TLS.
//
// Threads: the connection's.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"

namespace bellpull {

class Transport {
 public:
  // `tls` is null for a plain connection.
  Transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

  bool is_tls() const { return tls_ != nullptr; }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

  Task<bool> handshake();
  // Bytes read or written; `failure` lives until then. No coroutines of their own: they are on
  // every request's way.
  Task<std::size_t> read_some(std::span<char> space, boost::system::error_code& failure);
  Task<std::size_t> write_some(std::string_view bytes, boost::system::error_code& failure);
  // Waits until read_some() would not, without holding a buffer meanwhile. Plain only.
  Task<boost::system::error_code> wait_readable();
  // Writes what the kernel takes at once; nothing for TLS, which must wait to write.
  std::size_t write_now(std::string_view head, std::string_view body);
  // Says goodbye in TLS, without waiting for an answer; nothing for a plain connection.
  Task<void> close_notify();

  // Whether the client will send no more, so has closed the connection: nobody who speaks HTTP
  // stops sending and waits for a reply.
  bool is_closed_by_client();

  // Makes a pending operation end with operation_aborted.
  void cancel();
  // The client reads the end of the stream, and may go on sending.
  void shutdown_send();
  void shutdown_both();

 private:
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

}  // namespace bellpull
