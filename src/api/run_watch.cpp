#include "api/run_watch.h"

#include <cstddef>
#include <memory>
#include <span>

#include <boost/asio/any_io_executor.hpp>

#include "domain/ids.h"
#include "domain/run.h"
#include "store/run_records.h"

namespace bellpull {

std::unique_ptr<RunWatch::Ticket> RunWatch::watch(RunId run,
                                                  const boost::asio::any_io_executor& executor) {
  return waiters_.add(run, executor);
}

std::size_t RunWatch::size() const { return waiters_.size(); }

void RunWatch::runs_changed(std::span<const RunChange> changes) {
  if (waiters_.size() == 0) return;
  for (const RunChange& change : changes) {
    if (!is_pending(change.run.state)) waiters_.wake(change.run.run);
  }
}

// Ends may have been missed: everyone looks again.
void RunWatch::reopened() { waiters_.wake_all(); }

void RunWatch::close() { waiters_.close(); }

}  // namespace bellpull
