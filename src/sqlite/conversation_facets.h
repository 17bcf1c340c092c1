// What the index file finds a conversation by: as it is, and as it was before it changed.
//
// Threads: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/database.h"

namespace bellpull {

struct Facet {
  std::string name;
  std::string value;
};

struct Facets {
  std::int64_t account = 0;
  std::vector<Facet> all;

  void add(std::string_view field, std::string_view value);
};

// The columns that facets_of() reads. What they are is noted before a change (note_stale_sql).
inline constexpr std::string_view conversation_facets_sql =
    "select id, account, trigger, bot, contact, task, meta from conversations ";

Facets facets_of(const Statement& row);

// Of what note_stale_sql made of a row. Nothing for a note of an older Bellpull, which has none.
std::optional<Facets> facets_that_were(std::string_view was);

}  // namespace bellpull
