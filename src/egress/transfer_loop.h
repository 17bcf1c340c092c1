// curl's multi interface on an Asio executor: many transfers at once without a thread.
//
// Connections are kept and used again inside one loop, so transfers that must not share one (a
// bot's, and what the operator configured) have loops of their own.
//
// Lifetime: outlives every transfer. Threads: the executor's only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>
#include <curl/multi.h>

#include "base/task.h"
#include "egress/socket_watches.h"

namespace bellpull {

class TransferLoop {
 public:
  TransferLoop(const boost::asio::any_io_executor& executor, std::size_t max_connections);
  ~TransferLoop();
  TransferLoop(const TransferLoop&) = delete;
  TransferLoop& operator=(const TransferLoop&) = delete;

  // A transfer's time in the loop. Leaving the scope half-way takes it out and drops its
  // connection, and so does leaving it at the end with one that was asked for only
  // (CURLOPT_CONNECT_ONLY).
  class Stay {
   public:
    // Takes CURLOPT_PRIVATE for itself. Loop and handle outlive the stay.
    Stay(TransferLoop& loop, CURL* handle);
    ~Stay();
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

    // How the transfer ended; nothing when the task was cancelled before.
    Task<std::optional<CURLcode>> result();

   private:
    friend class TransferLoop;

    TransferLoop& loop_;
    CURL* const handle_;
    boost::asio::steady_timer done_;  // never expires; cancelled when `result_` is there
    std::optional<CURLcode> result_;
  };

  // One stay from beginning to end. The handle outlives the task.
  Task<std::optional<CURLcode>> perform(CURL* handle);

  // Transfers under way.
  std::size_t size() const { return size_; }

 private:
  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  static int on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* mine);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void act(curl_socket_t socket, int events);

  const boost::asio::any_io_executor executor_;

  // The executor's:
  std::size_t size_ = 0;
  SocketWatches watches_;
  // Shared with its wait under way, which looks whether the timer, and so the loop, is still there.
  const std::shared_ptr<boost::asio::steady_timer> timer_;
  // Last, so that it goes first: its cleanup calls on_socket.
  const std::unique_ptr<CURLM, FreeMulti> multi_;
};

}  // namespace bellpull
