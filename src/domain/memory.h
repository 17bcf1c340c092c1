// One thing that a bot was told to remember, of a contact or for itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// Stored as numbers.
enum class MemoryOf : std::uint8_t { contact = 0, bot = 1 };

// Memories that are found together: of one contact, or of one bot in one account.
struct MemoryScope {
  AccountKey account;
  MemoryOf of = MemoryOf::contact;
  std::int64_t subject = 0;  // the contact's or the bot's key
};

inline constexpr std::size_t max_memory_bytes = std::size_t{8} * 1024;

struct Memory {
  MemoryId id;
  MemoryScope scope;
  std::string text;
  TimePoint created_at;
};

}  // namespace bellpull
