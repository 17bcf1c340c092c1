// The event log. Entries about runs are written by the records that they are about; all others with
// the change that they tell, in its transaction.
//
// Lifetime: lives inside its Transaction. Threads: the store's own.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "store/list.h"

namespace bellpull {

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Appends; gives the entry its id.
  virtual void add(LogItem& item) = 0;

  // One look at a list, for Store::read_page(). Filters: "type", "trigger", "bot" and the other
  // members of LogReferences; "run" in `meta` as eventId or runId.
  virtual PagePart<LogItem> look(const ListQuery& query) const = 0;
  // The newest entry's number, of whatever account; 0 when there is none.
  virtual std::int64_t newest() const = 0;
  // The newest entry that is older than `time`, or beyond the newest `rows`; nothing when none is.
  // Without a bound, none is.
  struct Bounds {
    std::optional<TimePoint> time;
    std::optional<std::int64_t> rows;
  };
  virtual std::optional<std::int64_t> last_beyond(const Bounds& bounds) const = 0;
};

}  // namespace bellpull
