// The event log: append-only rows with an integer key, and postings in the index file.
//
// A reference is its number in a column of its own, which lists compare, and its tag in `tags`, in
// the order of the columns: an entry names what is long gone.
//
// Most entries are of runs. All of a run but its first, which is its opening, are about the same
// and more: they keep the opening's number and only what they add. Once retention has taken the
// opening, those that it has not taken yet only know their run.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/ids.h"
#include "domain/log_item.h"
#include "sqlite/database.h"
#include "sqlite/written.h"
#include "store/event_log.h"
#include "store/list.h"

namespace bellpull {

class IndexReader;

class LogTable final : public EventLog {
 public:
  // `index` is null where lists need not be fast.
  LogTable(Database& database, const IndexReader* index, Written& written);

  void add(LogItem& item) override;
  PagePart<LogItem> look(const ListQuery& query) const override;
  std::int64_t newest() const override;
  std::optional<std::int64_t> last_beyond(const Bounds& bounds) const override;

  // Appends an entry about the same as `opening` and what it is about itself, which is nothing that
  // openings are about: not trigger, bot, blueprint, conversation nor contact. False: the opening
  // is gone, and nothing was done.
  bool add_to(LogId opening, LogItem& item);
  // Removes up to `limit` of the oldest entries up to `last`; gives how many. The newest one stays
  // whatever `last` says, so that no number is given twice.
  std::int64_t trim(std::int64_t last, std::int64_t limit);

 private:
  std::optional<LogItem> find(LogId id) const;
  void insert(LogItem& item, std::optional<LogId> opening);
  bool is_near(LogId opening);

  Database& database_;
  const IndexReader* const index_;
  Written& written_;
  // Numbers given and removed last; undone with their commit, they are a little too high.
  std::int64_t last_ = 0;                // 0: not known yet
  std::optional<std::int64_t> removed_;  // likewise
  Statement insert_;
  mutable Statement find_;
  mutable Statement newest_;
};

}  // namespace bellpull
