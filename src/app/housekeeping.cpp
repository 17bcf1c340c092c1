#include "app/housekeeping.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/event_log.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

Housekeeping::Housekeeping(const asio::any_io_executor& executor, Store& store, const Clock& clock,
                           HousekeepingSettings settings, Log& log)
    : store_(store), clock_(clock), settings_(settings), log_(log), timer_(executor) {}

void Housekeeping::stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<void> Housekeeping::run() {
  while (!stopping_) {
    try {
      co_await tidy();
    } catch (const StoreUnavailable& unavailable) {
      log_.warning("housekeeping", "put off", {{"error", unavailable.what()}});
    }
    if (stopping_) co_return;
    timer_.expires_after(settings_.pause);
    boost::system::error_code ended;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

Task<void> Housekeeping::tidy() {
  const TimePoint now = clock_.now();
  EventLog::Bounds bounds;
  if (settings_.log_age > Duration{0}) bounds.time = now - settings_.log_age;
  if (settings_.log_items > 0) bounds.rows = settings_.log_items;
  const auto last =
      co_await store_.read([&](const Transaction& rows) { return rows.log().last_beyond(bounds); });
  const bool has_expired = co_await store_.read(
      [&](const Transaction& rows) { return rows.has_expired_conversation(now); });
  if (!last && !has_expired) co_return;
  static_cast<void>(co_await store_.transact([&](Transaction& rows) -> Result<void> {
    const AccountKey nobody;
    if (last) rows.start_job(nobody, JobKind::trim_log, *last);
    if (has_expired) rows.start_job(nobody, JobKind::remove_expired, to_ms(now));
    return {};
  }));
}

}  // namespace bellpull
