// Jobs over many events: what a person asked to be done to all that a filter means.
//
// Invariant: which events a job means is frozen when it is asked for; what it has done is committed
// together with how far it has come, so that nothing is done twice, whatever happens between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/event_search.h"
#include "store/list.h"

namespace bellpull {

// Stored as numbers.
enum class BulkAction : std::uint8_t { replay = 0, cancel = 1, delete_body = 2 };
enum class BulkState : std::uint8_t { running = 0, done = 1, canceled = 2 };

struct BulkJob {
  BulkJobId id;
  AccountKey account;
  BulkAction action = BulkAction::replay;
  BulkState state = BulkState::running;
  std::string filter = "{}";  // as it was given, for people
  EventSelection selection;   // with the newest event that counts
  EventId passed;             // how far it has come, from the oldest event on
  std::int64_t done = 0;
  std::int64_t skipped = 0;  // it could not be done to these: a deleted trigger, a run that ended
  TimePoint created_at;
  TimePoint updated_at;
  std::optional<TimePoint> ended_at;
};

class BulkJobStore {
 public:
  // An account's jobs that are not done, and how many it may look back at.
  static constexpr std::int64_t max_running = 10;
  static constexpr std::int64_t max_kept = 1000;

  virtual ~BulkJobStore() = default;

  // Starts it, and gives it its id. Fails with `conflict` when too many are running.
  virtual Result<void> add(BulkJob& job) = 0;
  // Nothing for one that has ended. What it has done stays done.
  virtual bool cancel(BulkJobId job, TimePoint now) = 0;

  virtual std::optional<BulkJob> find(BulkJobId job) const = 0;
  virtual std::vector<BulkJob> list(AccountKey account, const Page& page) const = 0;
};

}  // namespace bellpull
