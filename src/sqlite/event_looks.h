// Lists of events, one look at a time: which stretch of the rows a look passes, and what in it is
// meant.
//
// A stretch is led to by the narrowest index there is: that of dead letters, of a conversation's
// runs, or the index file's. Its rows are bounded (look_rows), and so is the time that reading
// bodies takes. Threads: those of its connection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

class IndexReader;

// The runs of account ?1 that are dead, after ?2, at most ?3; from a partial index, so the state is
// a literal.
inline constexpr std::string_view dead_sql = R"sql(
  select id from runs where account = ?1 and state = 8 and id > ?2 order by id limit ?3)sql";
inline constexpr std::string_view dead_descending_sql = R"sql(
  select id from runs where account = ?1 and state = 8 and id < ?2 order by id desc limit ?3)sql";

// Those with calls whose outcome nobody knows, likewise.
inline constexpr std::string_view unknown_sql = R"sql(
  select id from runs where account = ?1 and unknown_calls > resolved_calls and id > ?2
   order by id limit ?3)sql";
inline constexpr std::string_view unknown_descending_sql = R"sql(
  select id from runs where account = ?1 and unknown_calls > resolved_calls and id < ?2
   order by id desc limit ?3)sql";

class EventLooks {
 public:
  // `index` is null where there is none (the writer): rows are then passed in creation order.
  EventLooks(Database& database, const IndexReader* index);

  PagePart<EventAndRun> look(const ListQuery& query, const EventSearch& search) const;
  PagePart<RunTimes> times(const ListQuery& query, const EventSearch& search) const;
  EventId newest() const;

 private:
  // Numbers of the first and the last event that the search's times allow.
  struct Bounds {
    std::int64_t first = 1;
    std::int64_t last = 0;
  };
  // May take the row away.
  using Visit = std::function<bool(EventAndRun&)>;

  Bounds bounds_of(const EventSearch& search) const;
  std::int64_t first_received(TimePoint at, std::int64_t newest) const;
  Stretch next(const ListQuery& query, const EventSearch& search) const;
  Stretch stretch_of(const ListQuery& query, const EventSearch& search) const;
  Stretch listed(Statement& statement, std::int64_t subject, const Page& page) const;
  Stretch in_order(const Page& page) const;
  // Reads rows in order until `visit` has enough or the time is up; what it passed.
  std::optional<std::int64_t> read(const Stretch& stretch, const ListQuery& query,
                                   const EventSearch& search, const Visit& visit) const;
  std::vector<RunTimes> read_times(const Stretch& stretch, const Page& page) const;

  Database& database_;
  const IndexReader* const index_;
  mutable Statement dead_;
  mutable Statement dead_descending_;
  mutable Statement unknown_;
  mutable Statement unknown_descending_;
  mutable Statement conversation_;
  mutable Statement conversation_descending_;
  mutable Statement body_;
  mutable Statement newest_;
  mutable Statement received_;
};

}  // namespace bellpull
