// The runs that are ready in memory, and whose turn it is.
//
// Accounts take turns, within an account its triggers, within a trigger the oldest session. A run
// that was given counts against its trigger's and its account's limits until it is released.
// Pure bookkeeping: no I/O, no clock. Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "domain/ids.h"
#include "store/run_records.h"

namespace bellpull {

struct WindowLimits {
  std::size_t running_per_trigger = 0;  // 0: no limit
  std::size_t running_per_account = 0;
};

// Session numbers are hashes; with its trigger one cannot be made to meet another's session.
struct SessionOf {
  TriggerKey trigger;
  std::int64_t session = 0;
  bool operator==(const SessionOf&) const = default;
};

inline SessionOf session_of(const PendingRun& run) { return {run.trigger, run.session}; }

}  // namespace bellpull

template <>
struct std::hash<bellpull::SessionOf> {
  std::size_t operator()(const bellpull::SessionOf& session) const noexcept {
    return std::hash<std::int64_t>{}(session.session) ^
           (std::hash<bellpull::TriggerKey>{}(session.trigger) << 1);
  }
};

namespace bellpull {

class Window {
 public:
  explicit Window(WindowLimits limits) : limits_(limits) {}

  // The head of a run's session: the one of its runs that is ready, given, or held until its time.
  // 0 is no session and has no head.
  std::optional<RunId> head(const PendingRun& run) const;
  void set_head(const PendingRun& run);
  void remove_head(const PendingRun& run);

  bool is_given(RunId run) const { return given_.contains(run); }

  // Makes `run` ready, as its session's head.
  void add(const PendingRun& run);
  // The next run, which is then given.
  std::optional<PendingRun> take();
  // A given run is no longer executed; whether it was given.
  bool release(const PendingRun& run);
  // Takes a trigger's ready runs out, and their sessions' heads with them.
  void remove_ready(TriggerKey trigger);
  void clear();

  std::size_t ready() const { return ready_; }
  std::size_t ready_of(TriggerKey trigger) const;
  std::size_t given() const { return given_.size(); }

 private:
  struct TriggerLine {
    std::deque<PendingRun> ready;
    std::size_t given = 0;
  };
  // `turns` holds each trigger that has a ready run, once.
  struct AccountLine {
    std::deque<TriggerKey> turns;
    std::size_t given = 0;
  };

  std::optional<PendingRun> take_of(AccountLine& account);
  void drop_if_idle(TriggerKey trigger);

  const WindowLimits limits_;
  std::unordered_map<TriggerKey, TriggerLine> triggers_;
  std::unordered_map<AccountKey, AccountLine> accounts_;
  std::deque<AccountKey> turns_;  // each account that has turns, once
  std::unordered_map<SessionOf, RunId> heads_;
  std::unordered_set<RunId> given_;
  std::size_t ready_ = 0;
};

}  // namespace bellpull
