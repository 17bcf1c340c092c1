// Tells a C library that has its own sockets when they are ready: the piece that c-ares and curl
// both need to live on an Asio executor.
//
// The library owns its sockets and says what it waits for; a watch only borrows one, and must be
// dropped before the library closes it, as both promise.
//
// Lifetime: whoever owns it stays alive while `on_ready` runs. Threads: the executor's only.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>

namespace bellpull {

struct Readiness {
  bool readable = false;
  bool writable = false;
};

class SocketWatches {
 public:
  using OnReady = std::function<void(int socket, Readiness ready)>;

  SocketWatches(boost::asio::any_io_executor executor, OnReady on_ready);
  ~SocketWatches();
  SocketWatches(const SocketWatches&) = delete;
  SocketWatches& operator=(const SocketWatches&) = delete;

  // Reports the socket from now on whenever it is ready for what is wanted; nothing wanted ends it.
  void set(int socket, Readiness wanted);

 private:
  struct Watch;

  void arm(const std::shared_ptr<Watch>& watch);
  void wait_for(const std::shared_ptr<Watch>& watch, bool Readiness::* direction);

  const boost::asio::any_io_executor executor_;
  const OnReady on_ready_;
  // Shared with the waits under way, which outlive a watch by one turn of the executor: each looks
  // whether its watch is still there before it touches anything.
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
};

}  // namespace bellpull
