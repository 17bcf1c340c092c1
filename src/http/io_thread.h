// One thread of the server: its loop, the socket it accepts from, and the connections it accepted.
//
// Lifetime: the io_context lives as long as this object, past the end of the thread, because
// others may still post to it.
#pragma once

#include <chrono>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "http/loop.h"
#include "http/service.h"

namespace bellpull {

class IoThread {
 public:
  // `tls` is null for plain connections.
  IoThread(Service& service, boost::asio::ssl::context* tls);

  boost::asio::io_context& context() { return loop_.io; }

  // Starts the thread, which accepts from `acceptor`, a socket of context().
  void start(boost::asio::ip::tcp::acceptor acceptor);
  // Refuses new connections, closes the idle ones and lets the others finish; cuts those that
  // have not after `grace`. From another thread.
  void begin_stop(Duration grace);
  void join();

 private:
  Task<void> accept_connections();
  Task<void> stop_connections(Duration grace);
  Task<bool> pause_accepting(boost::system::error_code failure);
  void serve(boost::asio::ip::tcp::socket socket, const boost::asio::ip::tcp::endpoint& remote);
  bool make_room();
  void turn_away(boost::asio::ip::tcp::socket socket);
  void run();

  Service& service_;
  boost::asio::ssl::context* const tls_;

  Loop loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  boost::asio::steady_timer grace_;
  TaskGroup tasks_;
  TaskGroup stopping_;
  bool is_paused_ = false;
  bool is_full_ = false;
  std::thread thread_;
};

}  // namespace bellpull
