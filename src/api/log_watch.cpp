#include "api/log_watch.h"

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "domain/ids.h"

namespace bellpull {

std::unique_ptr<LogWatch::Ticket> LogWatch::watch(AccountKey account,
                                                  const boost::asio::any_io_executor& executor) {
  return waiters_.add(account, executor);
}

void LogWatch::log_grew(AccountKey account) { waiters_.wake(account); }

// Growth may have been missed: everyone looks.
void LogWatch::reopened() { waiters_.wake_all(); }

void LogWatch::close() { waiters_.close(); }

}  // namespace bellpull
