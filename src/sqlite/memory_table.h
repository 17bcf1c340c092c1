// The rows of what bots remember, few for each scope.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/ids.h"
#include "domain/memory.h"
#include "sqlite/database.h"
#include "store/list.h"
#include "store/memories.h"

namespace bellpull {

class MemoryTable final : public MemoryStore {
 public:
  explicit MemoryTable(Database& database);

  void add(Memory& memory) override;
  bool remove(const MemoryScope& scope, MemoryId id) override;
  std::vector<Memory> list(const MemoryScope& scope, const Page& page) const override;

  // Removes up to `limit` of a contact's or a bot's memories, in whatever account; gives how many.
  std::int64_t remove_some(MemoryOf of, std::int64_t subject, std::int64_t limit);
  // Of two contacts that became one.
  void move(ContactKey from, ContactKey into);

 private:
  Database& database_;
  Statement insert_;
  Statement forget_;
  Statement remove_;
};

}  // namespace bellpull
