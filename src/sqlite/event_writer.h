// Keeps new events: the statements of the hot door, inside the writer's transaction.
//
// Invariant: event numbers are given in commit order and never twice, so retention must leave the
// newest event's row.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/written.h"
#include "store/accept.h"

namespace bellpull {

class EventWriter {
 public:
  EventWriter(Database& database, Written& written);

  // Forgets what it knows of triggers: before each transaction, or after one changed.
  void begin();
  // The whole rule of the door: the trigger's version, then the idempotency key.
  Acceptance accept(const NewEvent& event);
  // Keeps an event without asking.
  EventId keep(const NewEvent& event);
  // See OccurrenceStore::add().
  std::optional<EventId> keep_occurrence(const NewEvent& event);
  // See RunStore::remove_body().
  bool remove_body(EventId event, TimePoint now);
  // The newest number given. What is undone back to a mark frees the numbers given since.
  std::int64_t mark() const { return last_; }
  void undo(std::int64_t mark) { last_ = mark; }

 private:
  std::int64_t trigger_version(TriggerKey trigger);
  Acceptance duplicate_of(const NewEvent& event);
  // Nothing when there is an event of the same occurrence.
  std::optional<EventId> insert(const NewEvent& event);

  Written& written_;
  Statement insert_event_;
  Statement insert_body_;
  Statement insert_run_;
  Statement version_;
  Statement by_key_;
  Statement insert_key_;
  Statement forget_key_;
  Statement body_;
  Statement link_;
  Statement remove_body_;
  Statement remove_large_body_;
  std::int64_t last_ = 0;
  std::unordered_map<TriggerKey, std::int64_t> versions_;
};

}  // namespace bellpull
