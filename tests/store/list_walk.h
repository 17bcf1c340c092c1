// Lists as tests walk them: page after page, by numbers.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "domain/conversation.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

// Every page of a list, walked by cursor.
template <class Fetch>
std::vector<std::int64_t> walk(Fetch fetch, Order order, std::int64_t take) {
  std::vector<std::int64_t> seen;
  std::int64_t after = 0;
  for (;;) {
    const std::vector<std::int64_t> page = fetch({.after = after, .take = take, .order = order});
    if (page.empty()) return seen;
    seen.insert(seen.end(), page.begin(), page.end());
    after = page.back();
  }
}

template <class Resource>
std::vector<std::int64_t> ids_of(const std::vector<Resource>& rows) {
  std::vector<std::int64_t> ids;
  for (const Resource& row : rows) ids.push_back(row.id.key.value);
  return ids;
}
inline std::vector<std::int64_t> ids_of(const std::vector<Message>& rows) {
  std::vector<std::int64_t> ids;
  for (const Message& row : rows) ids.push_back(row.id.number);
  return ids;
}
inline std::vector<std::int64_t> ids_of(const std::vector<EventAndRun>& rows) {
  std::vector<std::int64_t> ids;
  for (const EventAndRun& row : rows) ids.push_back(row.run.id.value);
  return ids;
}

}  // namespace bellpull
