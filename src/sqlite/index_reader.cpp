#include "sqlite/index_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sqlite/database.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view term_sql =
    "select id from terms where account = ?1 and facet = ?2 and value = ?3";
constexpr std::string_view ascending_sql = R"sql(
  select id from postings where term = ?1 and id > ?2 and id <= ?3 order by id limit ?4)sql";
constexpr std::string_view descending_sql = R"sql(
  select id from postings where term = ?1 and id < ?2 and id <= ?3 order by id desc limit ?4)sql";

std::string facet_of(IndexedKind kind, std::string_view field) {
  return (kind == IndexedKind::event ? "event." : "conversation.") + std::string{field};
}

std::string value_text(const std::variant<std::int64_t, std::string>& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
}

// Fields whose value never changes, or whose changes are noted in `stale`.
bool is_indexed(IndexedKind kind, std::string_view field) {
  if (kind == IndexedKind::event) return field == "trigger";
  return field == "trigger" || field == "bot" || field == "contact" || field == "task";
}

// What the indexer posts as the same text that a filter names it by: numbers have several
// spellings.
bool is_indexed_meta(const MetaFilter& filter) {
  const bool may_be_number = filter.value.find_first_not_of("0123456789+-.eE") == std::string::npos;
  return filter.value.size() <= max_indexed_value && filter.path.size() <= max_indexed_depth &&
         !may_be_number;
}

}  // namespace

std::string meta_facet(const std::vector<std::string>& path) {
  std::string facet = "meta";
  for (const std::string& key : path) facet += "." + key;
  return facet;
}

IndexReader::IndexReader(const std::filesystem::path& file, Database& main)
    : index_(file, OpenMode::read),
      progress_(index_, "select indexed from progress where kind = ?1"),
      term_(index_, term_sql),
      ascending_(index_, ascending_sql),
      descending_(index_, descending_sql),
      stale_(main, "select distinct conversation from stale order by conversation") {}

std::int64_t IndexReader::watermark(IndexedKind kind) const {
  if (!progress_.with(static_cast<std::int64_t>(kind)).step()) return 0;
  const std::int64_t indexed = progress_.number(0);
  progress_.reset();
  return indexed;
}

// The term to walk: the first filter with one value, else all rows of the account. -1: no such row.
std::int64_t IndexReader::term(IndexedKind kind, const ListQuery& query) const {
  std::string facet = "account";
  std::string value;
  for (const Filter& filter : query.filters) {
    if (filter.any_of.size() != 1 || !is_indexed(kind, filter.field)) continue;
    facet = filter.field;
    value = value_text(filter.any_of.front());
  }
  if (value.empty() && !query.meta.empty() && kind == IndexedKind::conversation &&
      is_indexed_meta(query.meta.front())) {
    facet = meta_facet(query.meta.front().path);
    value = query.meta.front().value;
  }
  const std::string full = facet_of(kind, facet);
  if (!term_.with(query.account.value, std::string_view{full}, std::string_view{value}).step()) {
    return -1;
  }
  const std::int64_t id = term_.number(0);
  term_.reset();
  return id;
}

std::vector<std::int64_t> IndexReader::stale(IndexedKind kind) const {
  std::vector<std::int64_t> ids;
  if (kind != IndexedKind::conversation) return ids;
  while (stale_.step()) ids.push_back(stale_.number(0));
  return ids;
}

std::vector<std::int64_t> IndexReader::candidates(IndexedKind kind, const ListQuery& query,
                                                  std::int64_t after, std::int64_t watermark,
                                                  std::size_t limit, bool& complete) const {
  const bool descending = query.page.order == Order::descending;
  const std::int64_t from =
      descending && after == 0 ? std::numeric_limits<std::int64_t>::max() : after;
  std::vector<std::int64_t> ids;
  Statement& statement = descending ? descending_ : ascending_;
  statement.with(term(kind, query), from, watermark, static_cast<std::int64_t>(limit));
  while (statement.step()) ids.push_back(statement.number(0));
  complete = ids.size() < limit;

  // Changed rows up to where this chunk ends: the index may not know that they match now.
  const std::int64_t last =
      complete ? (descending ? 0 : std::numeric_limits<std::int64_t>::max()) : ids.back();
  for (const std::int64_t id : stale(kind)) {
    const bool in_chunk = descending ? id < from && id >= last : id > from && id <= last;
    if (in_chunk && id <= watermark) ids.push_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  if (descending) std::ranges::reverse(ids);
  return ids;
}

}  // namespace bellpull
