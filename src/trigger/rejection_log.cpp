#include "trigger/rejection_log.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/rejected_requests.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds pause{2};
// Of one transaction, which must be short.
constexpr std::size_t rows_at_once = 20;

}  // namespace

RejectionLog::RejectionLog(asio::any_io_executor executor, Store& store, const Clock& clock,
                           Log& log)
    : executor_(std::move(executor)),
      store_(store),
      clock_(clock),
      log_(log),
      timer_(executor_),
      writes_(executor_, [this](const std::exception_ptr&) {
        log_.warning("trigger", "refused requests could not be recorded");
      }) {}

void RejectionLog::note(TriggerKey trigger, AccountKey account, RejectionCause cause,
                        std::string_view address) {
  if (add(trigger, account, cause, address)) {
    asio::post(executor_, [this] { write_later(); });
  }
}

// Whether it is the first since the last write.
bool RejectionLog::add(TriggerKey trigger, AccountKey account, RejectionCause cause,
                       std::string_view address) {
  const TimePoint now = clock_.now();
  const std::scoped_lock lock{mutex_};
  Entry entry{trigger.value, cause, address};
  auto found = noted_.find(entry);
  if (found == noted_.end() && addresses_[trigger] >= max_addresses) {
    std::get<std::string>(entry).clear();
    found = noted_.find(entry);
  }
  if (found != noted_.end()) {
    ++found->second.count;
    found->second.last_at = now;
    return false;
  }
  if (noted_.size() >= max_entries) return false;
  ++addresses_[trigger];
  RejectedRequests first{.account = account,
                         .trigger = trigger,
                         .cause = cause,
                         .address = std::get<std::string>(entry),
                         .count = 1,
                         .first_at = now,
                         .last_at = now};
  noted_.emplace(std::move(entry), std::move(first));
  return noted_.size() == 1;
}

std::vector<RejectedRequests> RejectionLog::take() {
  const std::scoped_lock lock{mutex_};
  std::vector<RejectedRequests> taken;
  taken.reserve(noted_.size());
  for (auto& [entry, rejected] : noted_) taken.push_back(std::move(rejected));
  noted_.clear();
  addresses_.clear();
  std::ranges::sort(taken, {}, &RejectedRequests::first_at);
  return taken;
}

void RejectionLog::write_later() {
  if (stopping_) return;
  timer_.expires_after(pause);
  timer_.async_wait([this](boost::system::error_code canceled) {
    if (!canceled) writes_.start(write());
  });
}

Task<void> RejectionLog::write() {
  const std::vector<RejectedRequests> taken = take();
  std::span<const RejectedRequests> left{taken};
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), rows_at_once));
    left = left.subspan(some.size());
    static_cast<void>(co_await store_.transact([some](Transaction& rows) -> Result<void> {
      for (const RejectedRequests& one : some) rows.rejected().add(one);
      return {};
    }));
  }
}

Task<void> RejectionLog::stop() {
  stopping_ = true;
  timer_.cancel();
  co_await writes_.join();
  try {
    co_await write();
  } catch (const StoreUnavailable&) {
    log_.warning("trigger", "refused requests could not be recorded");
  }
}

}  // namespace bellpull
