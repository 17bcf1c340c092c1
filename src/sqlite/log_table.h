// The event log: append-only rows with an integer key, and postings in the index file.
//
// A reference is its number in a column of its own, which lists compare, and its tag in `tags`, in
// the order of the columns: an entry names what is long gone.
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

  std::optional<LogItem> find(LogId id) const;

 private:
  Database& database_;
  const IndexReader* const index_;
  Written& written_;
  Statement insert_;
  mutable Statement find_;
  mutable Statement newest_;
};

}  // namespace bellpull
