#include "sqlite/index_reader.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sqlite/database.h"
#include "sqlite/list_sql.h"
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
      stale_(main, "select distinct conversation from stale order by conversation"),
      newest_event_(main, "select max(id) from runs"),
      newest_conversation_(main, "select max(id) from conversations") {}

std::int64_t IndexReader::watermark(IndexedKind kind) const {
  if (!progress_.with(static_cast<std::int64_t>(kind)).step()) return 0;
  const std::int64_t indexed = progress_.number(0);
  progress_.reset();
  return indexed;
}

std::int64_t IndexReader::newest(IndexedKind kind) const {
  Statement& statement = kind == IndexedKind::event ? newest_event_ : newest_conversation_;
  statement.step();
  const std::int64_t newest = statement.number(0);
  statement.reset();
  return newest;
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

Stretch IndexReader::next(IndexedKind kind, const ListQuery& query,
                          std::string_view id_column) const {
  const Page& page = query.page;
  const bool descending = page.order == Order::descending;
  const std::int64_t watermark = this->watermark(kind);
  const std::int64_t after = descending && page.after == 0 ? newest(kind) + 1 : page.after;
  const bool is_beyond = descending ? after > watermark + 1 : after >= watermark;
  if (is_beyond) return beyond(kind, after, watermark, page.order, id_column);
  return indexed(kind, query, after, watermark, id_column);
}

// Rows that are not indexed yet, of all accounts.
Stretch IndexReader::beyond(IndexedKind kind, std::int64_t after, std::int64_t watermark,
                            Order order, std::string_view id_column) const {
  Stretch stretch;
  std::int64_t low = after;
  std::int64_t high = after + look_rows;
  if (order == Order::descending) {
    high = after - 1;
    low = std::max(watermark, high - look_rows);
    if (low > 0) stretch.passed = low + 1;
  } else if (high < newest(kind)) {
    stretch.passed = high;
  }
  stretch.rows.add(std::string{id_column} + " > ?", low);
  stretch.rows.add(std::string{id_column} + " <= ?", high);
  return stretch;
}

Stretch IndexReader::indexed(IndexedKind kind, const ListQuery& query, std::int64_t after,
                             std::int64_t watermark, std::string_view id_column) const {
  const bool descending = query.page.order == Order::descending;
  // Before the index is read: what the indexer takes off this list meanwhile is in the index then.
  const std::vector<std::int64_t> changed = stale(kind);
  std::vector<std::int64_t> ids;
  Statement& statement = descending ? descending_ : ascending_;
  statement.with(term(kind, query), after, watermark, look_rows);
  while (statement.step()) ids.push_back(statement.number(0));

  // Changed rows up to where these end: the index may not know that they match now.
  const bool is_full = std::ssize(ids) == look_rows;
  const std::int64_t end = descending ? 0 : watermark;
  const std::int64_t last = is_full ? ids.back() : end;
  for (const std::int64_t id : changed) {
    const bool is_here = descending ? id < after && id >= last : id > after && id <= last;
    if (is_here && id <= watermark) ids.push_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  if (descending) std::ranges::reverse(ids);
  if (std::ssize(ids) > look_rows) ids.resize(look_rows);

  Stretch stretch;
  if (std::ssize(ids) == look_rows) {
    stretch.passed = ids.back();
  } else if (!descending) {
    stretch.passed = watermark;
  }
  stretch.rows.add_ids(ids, id_column);
  return stretch;
}

}  // namespace bellpull
