#include "api/run_watch.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
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
#include "domain/run.h"
#include "store/run_records.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// Waiting requests of the whole server; one more gets its answer at once.
constexpr std::size_t max_waiters = 10'000;

}  // namespace

// Shared by its ticket and by wake-ups on their way, which may outlive the ticket. All but the
// executor is used on that executor only.
struct RunWatch::Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}

  asio::steady_timer timer;
  bool is_woken = false;
};

RunWatch::Ticket::Ticket(RunWatch& watch, RunId run, std::shared_ptr<Waiter> waiter)
    : watch_(watch), run_(run), waiter_(std::move(waiter)) {}

RunWatch::Ticket::~Ticket() {
  if (waiter_) watch_.forget(run_, waiter_.get());
}

Task<void> RunWatch::Ticket::wait(Duration at_most) {
  if (!waiter_ || waiter_->is_woken) co_return;
  waiter_->timer.expires_after(at_most);
  boost::system::error_code woken;
  co_await waiter_->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

std::unique_ptr<RunWatch::Ticket> RunWatch::watch(RunId run,
                                                  const asio::any_io_executor& executor) {
  const std::lock_guard lock{mutex_};
  if (is_closed_ || waiters_.size() >= max_waiters) {
    return std::make_unique<Ticket>(*this, run, nullptr);
  }
  auto waiter = std::make_shared<Waiter>(executor);
  waiters_.emplace(run, waiter);
  return std::make_unique<Ticket>(*this, run, std::move(waiter));
}

std::size_t RunWatch::size() const {
  const std::lock_guard lock{mutex_};
  return waiters_.size();
}

void RunWatch::runs_changed(std::span<const RunChange> changes) {
  const std::lock_guard lock{mutex_};
  if (waiters_.empty()) return;
  for (const RunChange& change : changes) {
    if (is_pending(change.run.state)) continue;
    const auto [begin, end] = waiters_.equal_range(change.run.run);
    for (auto at = begin; at != end; ++at) wake(at->second);
  }
}

// Ends may have been missed: everyone looks again.
void RunWatch::reopened() {
  const std::lock_guard lock{mutex_};
  wake_all();
}

void RunWatch::close() {
  const std::lock_guard lock{mutex_};
  is_closed_ = true;
  wake_all();
}

void RunWatch::wake_all() const {
  for (const auto& [run, waiter] : waiters_) wake(waiter);
}

void RunWatch::wake(const std::shared_ptr<Waiter>& waiter) {
  asio::post(waiter->timer.get_executor(), [waiter] {
    waiter->is_woken = true;
    waiter->timer.cancel();
  });
}

void RunWatch::forget(RunId run, const Waiter* waiter) {
  const std::lock_guard lock{mutex_};
  const auto [begin, end] = waiters_.equal_range(run);
  for (auto at = begin; at != end; ++at) {
    if (at->second.get() != waiter) continue;
    waiters_.erase(at);
    return;
  }
}

}  // namespace bellpull
