#include "trigger/trigger_look_up.h"

#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// Keeps a read short; whoever comes when it is full begins the next one.
constexpr std::size_t max_ids = 1'000;

TriggerLookUp::Found look_up(const Transaction& snapshot, const TriggerId& id) {
  TriggerLookUp::Found found{.trigger = snapshot.triggers().find(id)};
  if (!found.trigger || found.trigger->deleted_at) return {};
  const auto account = snapshot.accounts().find(found.trigger->account);
  found.account_is_disabled = account && account->state == AccountState::disabled;
  return found;
}

}  // namespace

// The ids of one read. Nobody joins once the read has begun, and all are answered at its end.
struct TriggerLookUp::Batch {
  using Resume = std::move_only_function<void()>;

  void wait(Resume resume) {
    {
      const std::scoped_lock lock{mutex};
      if (!is_answered) {
        waiting.push_back(std::move(resume));
        return;
      }
    }
    resume();
  }

  void answer() {
    std::vector<Resume> answered;
    {
      const std::scoped_lock lock{mutex};
      is_answered = true;
      answered.swap(waiting);
    }
    for (Resume& resume : answered) resume();
  }

  std::map<TriggerId, Found> found;  // guarded by the look-up's mutex until the read begins
  std::exception_ptr failure;

  std::mutex mutex;
  // Guarded by mutex:
  bool is_answered = false;
  std::vector<Resume> waiting;
};

TriggerLookUp::TriggerLookUp(Store& store) : store_(store) {}

TriggerLookUp::~TriggerLookUp() = default;

// The first of a batch reads for all of it. It can't be cancelled before it has: it waits for
// nothing else in between.
Task<TriggerLookUp::Found> TriggerLookUp::find(TriggerId id) {
  std::shared_ptr<Batch> batch;
  bool is_first = false;
  {
    const std::scoped_lock lock{mutex_};
    is_first = gathering_ == nullptr || gathering_->found.size() >= max_ids;
    if (is_first) gathering_ = std::make_shared<Batch>();
    batch = gathering_;
    batch->found.try_emplace(id);
  }
  if (is_first) {
    co_await read(batch);
  } else {
    co_await answered(batch);
  }
  if (batch->failure) std::rethrow_exception(batch->failure);
  co_return batch->found.at(id);
}

Task<void> TriggerLookUp::read(std::shared_ptr<Batch> batch) {
  try {
    co_await store_.read([&](const Transaction& snapshot) {
      // Before anything is read, so that all who joined get what was kept after they asked.
      close(batch);
      for (auto& [id, found] : batch->found) found = look_up(snapshot, id);
      return batch->found.size();
    });
  } catch (...) {
    batch->failure = std::current_exception();
    close(batch);
  }
  batch->answer();
}

Task<void> TriggerLookUp::answered(std::shared_ptr<Batch> batch) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [batch = std::move(batch)](auto handler) {
        batch->wait([handler = std::move(handler)]() mutable {
          const auto executor = asio::get_associated_executor(handler);
          asio::post(executor, std::move(handler));
        });
      },
      asio::use_awaitable);
}

void TriggerLookUp::close(const std::shared_ptr<Batch>& batch) {
  const std::scoped_lock lock{mutex_};
  if (gathering_ == batch) gathering_.reset();
}

}  // namespace bellpull
