#include "api/log_watch.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// Subscribers of one account, each a connection that stays open.
constexpr std::size_t max_subscribers = 50;

}  // namespace

// Shared by its ticket and by wake-ups on their way, which may outlive the ticket. All but the
// executor is used on that executor only.
struct LogWatch::Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}

  asio::steady_timer timer;
  bool is_woken = false;
};

LogWatch::Ticket::Ticket(LogWatch& watch, AccountKey account, std::shared_ptr<Waiter> waiter)
    : watch_(watch), account_(account), waiter_(std::move(waiter)) {}

LogWatch::Ticket::~Ticket() { watch_.forget(account_, waiter_.get()); }

Task<bool> LogWatch::Ticket::wait(Duration at_most) {
  if (!waiter_->is_woken && !is_closed()) {
    waiter_->timer.expires_after(at_most);
    boost::system::error_code woken;
    co_await waiter_->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return std::exchange(waiter_->is_woken, false);
}

bool LogWatch::Ticket::is_closed() const {
  const std::lock_guard lock{watch_.mutex_};
  return watch_.is_closed_;
}

std::unique_ptr<LogWatch::Ticket> LogWatch::watch(AccountKey account,
                                                  const asio::any_io_executor& executor) {
  const std::lock_guard lock{mutex_};
  if (waiters_.count(account) >= max_subscribers) return nullptr;
  auto waiter = std::make_shared<Waiter>(executor);
  waiters_.emplace(account, waiter);
  return std::make_unique<Ticket>(*this, account, std::move(waiter));
}

void LogWatch::log_grew(AccountKey account) {
  const std::lock_guard lock{mutex_};
  if (waiters_.empty()) return;
  const auto [begin, end] = waiters_.equal_range(account);
  for (auto at = begin; at != end; ++at) wake(at->second);
}

// Growth may have been missed: everyone looks.
void LogWatch::reopened() {
  const std::lock_guard lock{mutex_};
  wake_all();
}

void LogWatch::close() {
  const std::lock_guard lock{mutex_};
  is_closed_ = true;
  wake_all();
}

void LogWatch::wake_all() const {
  for (const auto& [account, waiter] : waiters_) wake(waiter);
}

void LogWatch::wake(const std::shared_ptr<Waiter>& waiter) {
  asio::post(waiter->timer.get_executor(), [waiter] {
    waiter->is_woken = true;
    waiter->timer.cancel();
  });
}

void LogWatch::forget(AccountKey account, const Waiter* waiter) {
  const std::lock_guard lock{mutex_};
  const auto [begin, end] = waiters_.equal_range(account);
  for (auto at = begin; at != end; ++at) {
    if (at->second.get() != waiter) continue;
    waiters_.erase(at);
    return;
  }
}

}  // namespace bellpull
