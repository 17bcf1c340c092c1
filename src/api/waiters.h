// Requests that wait for something to happen to one of many things: a run's end, growth of an
// account's event log.
//
// What happened is not carried along: whoever is woken looks for itself. A ticket is taken before
// that look, so that nothing is missed between the two.
//
// Lifetime: outlives its tickets. Threads: any; a ticket is used on its executor, which does not
// run handlers in parallel.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"

namespace bellpull {

template <class Key>
class Waiters {
 private:
  // Shared by its ticket and by wake-ups on their way, which may outlive the ticket. All but the
  // executor is used on that executor only.
  struct Waiter {
    explicit Waiter(const boost::asio::any_io_executor& executor) : timer(executor) {}

    boost::asio::steady_timer timer;
    bool is_woken = false;
  };

 public:
  // How many may wait at a time.
  struct Bounds {
    std::size_t of_all = std::numeric_limits<std::size_t>::max();
    std::size_t of_one = std::numeric_limits<std::size_t>::max();  // for the same key
  };

  // A place among those that wait, until it is destroyed.
  class Ticket {
   public:
    Ticket(Waiters& waiters, const Key& key, std::shared_ptr<Waiter> waiter)
        : waiters_(waiters), key_(key), waiter_(std::move(waiter)) {}
    ~Ticket() { waiters_.forget(key_, waiter_.get()); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    // Until it has been woken since the last wait, or since the ticket was taken: true. False when
    // the time is over, and when nobody may wait any more.
    Task<bool> wait(Duration at_most) {
      if (!waiter_->is_woken && !is_closed()) {
        waiter_->timer.expires_after(at_most);
        boost::system::error_code woken;
        co_await waiter_->timer.async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      }
      co_return std::exchange(waiter_->is_woken, false);
    }
    bool is_closed() const {
      const std::lock_guard lock{waiters_.mutex_};
      return waiters_.is_closed_;
    }

   private:
    Waiters& waiters_;
    const Key key_;
    const std::shared_ptr<Waiter> waiter_;
  };

  explicit Waiters(Bounds bounds) : bounds_(bounds) {}

  // Wake-ups go to `executor`. Null when as many wait as may.
  std::unique_ptr<Ticket> add(const Key& key, const boost::asio::any_io_executor& executor) {
    const std::lock_guard lock{mutex_};
    if (all_.size() >= bounds_.of_all || all_.count(key) >= bounds_.of_one) return nullptr;
    auto waiter = std::make_shared<Waiter>(executor);
    all_.emplace(key, waiter);
    return std::make_unique<Ticket>(*this, key, std::move(waiter));
  }

  std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return all_.size();
  }

  void wake(const Key& key) {
    const std::lock_guard lock{mutex_};
    const auto [begin, end] = all_.equal_range(key);
    for (auto at = begin; at != end; ++at) post_to(at->second);
  }
  void wake_all() {
    const std::lock_guard lock{mutex_};
    for (const auto& [key, waiter] : all_) post_to(waiter);
  }
  // Wakes everyone and lets nobody wait any more.
  void close() {
    {
      const std::lock_guard lock{mutex_};
      is_closed_ = true;
    }
    wake_all();
  }

 private:
  static void post_to(const std::shared_ptr<Waiter>& waiter) {
    boost::asio::post(waiter->timer.get_executor(), [waiter] {
      waiter->is_woken = true;
      waiter->timer.cancel();
    });
  }

  void forget(const Key& key, const Waiter* waiter) {
    const std::lock_guard lock{mutex_};
    const auto [begin, end] = all_.equal_range(key);
    for (auto at = begin; at != end; ++at) {
      if (at->second.get() != waiter) continue;
      all_.erase(at);
      return;
    }
  }

  const Bounds bounds_;
  mutable std::mutex mutex_;
  // guarded by mutex_:
  std::unordered_multimap<Key, std::shared_ptr<Waiter>> all_;
  bool is_closed_ = false;
};

}  // namespace bellpull
