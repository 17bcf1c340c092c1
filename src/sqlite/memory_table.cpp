#include "sqlite/memory_table.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/memory.h"
#include "sqlite/database.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view insert_sql = R"sql(
  insert into memories (account, owner, subject, text, created_at)
  values (?1, ?2, ?3, ?4, ?5))sql";

constexpr std::string_view forget_sql = R"sql(
  delete from memories
   where owner = ?1 and subject = ?2 and account = ?3
     and id <= (select id from memories where owner = ?1 and subject = ?2 and account = ?3
                 order by id desc limit 1 offset ?4))sql";

constexpr std::string_view remove_sql = R"sql(
  delete from memories where id = ?4 and owner = ?1 and subject = ?2 and account = ?3)sql";

constexpr std::string_view of_scope = R"sql(
  select id, text, created_at from memories
   where owner = ?1 and subject = ?2 and account = ?3 and )sql";

std::int64_t owner_of(const MemoryScope& scope) { return static_cast<std::int64_t>(scope.of); }

}  // namespace

MemoryTable::MemoryTable(Database& database)
    : database_(database),
      insert_(database, insert_sql),
      forget_(database, forget_sql),
      remove_(database, remove_sql) {}

void MemoryTable::add(Memory& memory) {
  const MemoryScope& scope = memory.scope;
  insert_
      .with(scope.account.value, owner_of(scope), scope.subject, std::string_view{memory.text},
            to_ms(memory.created_at))
      .run();
  memory.id = MemoryId{database_.last_row()};
  forget_.with(owner_of(scope), scope.subject, scope.account.value, max_kept).run();
}

bool MemoryTable::remove(const MemoryScope& scope, MemoryId id) {
  return remove_.with(owner_of(scope), scope.subject, scope.account.value, id.value).run() > 0;
}

std::vector<Memory> MemoryTable::list(const MemoryScope& scope, const Page& page) const {
  const bool descending = page.order == Order::descending;
  const std::int64_t after =
      descending && page.after == 0 ? std::numeric_limits<std::int64_t>::max() : page.after;
  Statement list{database_,
                 std::string{of_scope} + (descending ? "id < ?4 order by id desc limit ?5"
                                                     : "id > ?4 order by id limit ?5")};
  list.with(owner_of(scope), scope.subject, scope.account.value, after,
            std::clamp<std::int64_t>(page.take, 1, max_page));
  std::vector<Memory> memories;
  while (list.step()) {
    memories.push_back({.id = MemoryId{list.number(0)},
                        .scope = scope,
                        .text = list.text(1),
                        .created_at = from_ms(list.number(2))});
  }
  return memories;
}

std::int64_t MemoryTable::remove_some(MemoryOf of, std::int64_t subject, std::int64_t limit) {
  Statement remove{database_,
                   "delete from memories where id in (select id from memories where owner = ?1 and "
                   "subject = ?2 limit ?3)"};
  return remove.with(static_cast<std::int64_t>(of), subject, limit).run();
}

void MemoryTable::move(ContactKey from, ContactKey into) {
  Statement{database_, "update memories set subject = ?2 where owner = 0 and subject = ?1"}
      .with(from.value, into.value)
      .run();
}

}  // namespace bellpull
