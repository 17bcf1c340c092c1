#include "egress/socket_watches.h"

#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

namespace bellpull {

namespace asio = boost::asio;

struct SocketWatches::Watch {
  Watch(const asio::any_io_executor& executor, int number)
      : socket(number), descriptor(executor, number) {}

  const int socket;
  asio::posix::stream_descriptor descriptor;
  Readiness wanted;
  Readiness waiting;
};

SocketWatches::SocketWatches(asio::any_io_executor executor, OnReady on_ready)
    : executor_(std::move(executor)), on_ready_(std::move(on_ready)) {}

SocketWatches::~SocketWatches() {
  for (auto& [socket, watch] : watches_) watch->descriptor.release();
}

void SocketWatches::set(int socket, Readiness wanted) {
  auto found = watches_.find(socket);
  if (!wanted.readable && !wanted.writable) {
    if (found == watches_.end()) return;
    found->second->descriptor.release();  // the library closes it
    watches_.erase(found);
    return;
  }
  if (found == watches_.end()) {
    found = watches_.emplace(socket, std::make_shared<Watch>(executor_, socket)).first;
  }
  found->second->wanted = wanted;
  arm(found->second);
}

void SocketWatches::arm(const std::shared_ptr<Watch>& watch) {
  if (watch->wanted.readable) wait_for(watch, &Readiness::readable);
  if (watch->wanted.writable) wait_for(watch, &Readiness::writable);
}

void SocketWatches::wait_for(const std::shared_ptr<Watch>& watch, bool Readiness::* direction) {
  if (watch->waiting.*direction) return;
  watch->waiting.*direction = true;
  const auto kind = direction == &Readiness::readable ? asio::posix::stream_descriptor::wait_read
                                                      : asio::posix::stream_descriptor::wait_write;
  watch->descriptor.async_wait(
      kind, [this, direction, weak = std::weak_ptr(watch)](const boost::system::error_code& error) {
        // An expired watch may mean that `this` is gone as well.
        if (const auto live = weak.lock(); live && !error) {
          live->waiting.*direction = false;
          Readiness ready;
          ready.*direction = live->wanted.*direction;
          if (ready.*direction) on_ready_(live->socket, ready);
          const bool still_watched = weak.use_count() > 1;
          if (still_watched) arm(live);
        }
      });
}

}  // namespace bellpull
