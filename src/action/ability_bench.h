// The test bench of abilities: one call of an ability's function, outside of any run
// (api-contract.md 2.4).
//
// Whoever asks has a thread of its own; the call is made on the worker's executor, with the same
// services as the calls of runs. It has a time, and it is ended when nobody waits for it any more.
// What came of it is recorded in either case, before it is told.
//
// Lifetime: outlives its places and trials; close() and join() before the services go. Threads: as
// each says.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>

#include "action/ability.h"
#include "action/action.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

class AbilityBench {
 private:
  struct Shared;

 public:
  struct Bounds {
    Duration longest = std::chrono::minutes{5};  // of one call
    std::size_t of_one_account = 4;              // at the same time
  };

  AbilityBench(boost::asio::any_io_executor executor, const Clock& clock, Log& log, Bounds bounds);
  ~AbilityBench();
  AbilityBench(const AbilityBench&) = delete;
  AbilityBench& operator=(const AbilityBench&) = delete;

  // Before the first call.
  void use(const AbilityServices& services) { services_.emplace(services); }

  // One of those that an account may have under way.
  class Place {
   public:
    Place(AbilityBench& bench, AccountKey account) : bench_(bench), account_(account) {}
    ~Place() { bench_.leave(account_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    AbilityBench& bench_;
    const AccountKey account_;
  };
  // Null when the account has all of them. Threads: any.
  std::unique_ptr<Place> enter(AccountKey account);

  // The call that is made.
  struct Begun {
    std::string function;
    boost::json::object arguments;
  };
  struct Tried {
    std::optional<Begun> call;  // none was made: the outcome says why
    std::string action;         // "fetch"; empty for text to read
    ActionOutcome outcome;
    Duration took{0};
  };
  struct Wanted {
    AbilityText text;
    std::string input;  // see read_call_input()
    CallContext context;
    std::string idempotency_key;
    // Called on the worker's executor when a call was made; what it throws is logged.
    std::function<Task<void>(Tried tried)> record;
  };

  // One that is waited for, until it is destroyed. Threads: its executor, which does not run
  // handlers in parallel.
  class Trial {
   public:
    explicit Trial(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    ~Trial();
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    // Returns when there is news, or when the time is over.
    Task<void> wait(Duration at_most);
    // Null until the call is made.
    const Begun* begun() const;
    // Null until it has ended. Fails with `unavailable`: nothing was done.
    const Result<Tried>* ended() const;

   private:
    const std::shared_ptr<Shared> shared_;
  };
  // Wakes the trial on `executor`. Threads: any.
  std::unique_ptr<Trial> start(std::unique_ptr<Place> place, Wanted wanted,
                               const boost::asio::any_io_executor& executor);

  // Takes no more calls, and cuts off those that still run after `grace`. Threads: the worker's
  // executor, as of join().
  void close(Duration grace);
  Task<void> join();

 private:
  using SharedTrial = std::shared_ptr<Shared>;

  Task<void> run(SharedTrial trial, Wanted wanted);
  Task<Result<Tried>> try_out(SharedTrial trial, const Wanted* wanted);
  Task<Result<Tried>> call(SharedTrial trial, const AbilityFunction* function, const Begun* begun,
                           Tried tried, AbilityCall call);
  void leave(AccountKey account);

  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  Log& log_;
  const Bounds bounds_;
  std::optional<AbilityServices> services_;

  // The executor's:
  TaskGroup tasks_;
  boost::asio::steady_timer grace_;
  bool is_closed_ = false;

  std::mutex mutex_;
  std::map<AccountKey, std::size_t> under_way_;  // guarded by mutex_
};

}  // namespace bellpull
