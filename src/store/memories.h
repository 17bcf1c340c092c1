// What bots remember. A contact's memories go with the contact, a bot's with the bot.
//
// Lifetime: lives inside its Transaction. Threads: the store's own.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/ids.h"
#include "domain/memory.h"
#include "store/list.h"

namespace bellpull {

class MemoryStore {
 public:
  // Of one scope; a new one beyond it makes the oldest go.
  static constexpr std::int64_t max_kept = 1'000;

  virtual ~MemoryStore() = default;

  // Gives the memory its id.
  virtual void add(Memory& memory) = 0;
  // Whether the scope had it.
  virtual bool remove(const MemoryScope& scope, MemoryId id) = 0;
  virtual std::vector<Memory> list(const MemoryScope& scope, const Page& page) const = 0;
};

}  // namespace bellpull
