#include "sqlite/index_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/list_sql.h"
#include "sqlite/postings.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view term_sql =
    "select id from terms where account = ?1 and facet = ?2 and value = ?3";
const std::string log_type_facet = "log.type";

std::string value_text(const std::variant<std::int64_t, std::string>& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
}

// Fields whose value never changes, or whose changes are noted in `stale`.
bool is_indexed(IndexedKind kind, std::string_view field) {
  if (kind == IndexedKind::event) return field == "trigger";
  return field == "trigger" || field == "bot" || field == "contact" || field == "task";
}

std::optional<LogFacet> log_facet_of(std::string_view field) {
  if (field == "type") return LogFacet::type;
  if (field == "trigger") return LogFacet::trigger;
  if (field == "bot") return LogFacet::bot;
  if (field == "conversation") return LogFacet::conversation;
  if (field == "contact") return LogFacet::contact;
  return std::nullopt;
}

// The number of a row; 0 when the value is none.
std::int64_t number_of(const std::variant<std::int64_t, std::string>& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? *number : 0;
}

// Bytes of a value that are indexed.
constexpr std::size_t max_indexed_part = 256;

}  // namespace

std::string facet_of(IndexedKind kind, std::string_view field) {
  return (kind == IndexedKind::event ? "event." : "conversation.") + std::string{field};
}

std::string meta_facet(std::span<const std::string> path) {
  std::string facet = "meta";
  for (const std::string& key : path) facet += "." + key;
  return facet;
}

std::string_view indexed_part(std::string_view value) { return value.substr(0, max_indexed_part); }

IndexReader::IndexReader(const std::filesystem::path& file, Database& main)
    : index_(file, OpenMode::read),
      progress_(index_, "select indexed from progress where kind = ?1"),
      term_(index_, term_sql),
      stale_(main, "select distinct conversation from stale order by conversation"),
      newest_event_(main, "select max(id) from runs"),
      newest_conversation_(main, "select max(id) from conversations"),
      newest_log_item_(main, "select max(id) from log_items"),
      oldest_log_item_(main, "select min(id) from log_items") {}

std::int64_t IndexReader::watermark(IndexedKind kind) const {
  if (!progress_.with(static_cast<std::int64_t>(kind)).step()) return 0;
  const std::int64_t indexed = progress_.number(0);
  progress_.reset();
  return indexed;
}

std::int64_t IndexReader::newest(IndexedKind kind) const {
  Statement& statement = kind == IndexedKind::event          ? newest_event_
                         : kind == IndexedKind::conversation ? newest_conversation_
                                                             : newest_log_item_;
  statement.step();
  const std::int64_t newest = statement.number(0);
  statement.reset();
  return newest;
}

std::int64_t IndexReader::oldest_log_item() const {
  oldest_log_item_.step();
  const std::int64_t oldest = oldest_log_item_.number(0);
  oldest_log_item_.reset();
  return oldest;
}

std::int64_t IndexReader::find_term(AccountKey account, const std::string& facet,
                                    std::string_view value) const {
  const std::string_view part = indexed_part(value);
  if (!term_.with(account.value, std::string_view{facet}, part).step()) return 0;
  const std::int64_t term = term_.number(0);
  term_.reset();
  return term;
}

std::unique_ptr<IdStream> IndexReader::rows_of(AccountKey account, const std::string& facet,
                                               std::string_view value, std::int64_t last,
                                               Order order) const {
  const std::int64_t term = find_term(account, facet, value);
  return term == 0 ? nullptr : rows_of_term(index_, term, last, order);
}

IdStreams IndexReader::streams(IndexedKind kind, const ListQuery& query, std::int64_t last,
                               const std::vector<std::int64_t>& changed) const {
  if (kind == IndexedKind::log) return streams_of_log(query, last);
  const Order order = query.page.order;
  IdStreams all_of;
  IdStreams any;
  const auto add = [&](std::string_view field, std::string_view value) {
    auto rows = rows_of(query.account, facet_of(kind, field), value, last, order);
    if (rows) any.push_back(std::move(rows));
  };
  const auto join = [&] {
    if (!changed.empty()) any.push_back(these_rows(changed, order));
    all_of.push_back(any_of(std::exchange(any, {}), order));
  };
  for (const Filter& filter : query.filters) {
    if (!is_indexed(kind, filter.field)) continue;
    for (const auto& value : filter.any_of) add(filter.field, value_text(value));
    join();
  }
  for (const MetaFilter& filter : query.meta) {
    add(meta_facet(filter.path), filter.value);
    add("crowded", "");
    join();
  }
  if (all_of.empty()) {
    add("account", "");
    join();
  }
  return all_of;
}

IdStreams IndexReader::streams_of_log(const ListQuery& query, std::int64_t last) const {
  const Order order = query.page.order;
  IdStreams all_of;
  for (const Filter& filter : query.filters) {
    const std::optional<LogFacet> facet = log_facet_of(filter.field);
    if (!facet) continue;
    IdStreams any;
    for (const auto& value : filter.any_of) {
      const std::int64_t subject = *facet == LogFacet::type
                                       ? find_term(query.account, log_type_facet, value_text(value))
                                       : number_of(value);
      if (subject > 0) any.push_back(rows_of_term(index_, log_term(*facet, subject), last, order));
    }
    all_of.push_back(any_of(std::move(any), order));
  }
  if (all_of.empty()) {
    all_of.push_back(
        rows_of_term(index_, log_term(LogFacet::account, query.account.value), last, order));
  }
  return all_of;
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
  if (kind != IndexedKind::log || descending) return indexed(kind, query, watermark, id_column);

  // The index still has what retention removed: it is not worth passing.
  ListQuery rest = query;
  rest.page.after = std::max(after, oldest_log_item() - 1);
  return indexed(kind, rest, watermark, id_column);
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

Stretch IndexReader::indexed(IndexedKind kind, const ListQuery& query, std::int64_t watermark,
                             std::string_view id_column) const {
  // Before the index is read: what the indexer takes off this list meanwhile is in the index then.
  std::vector<std::int64_t> changed = stale(kind);
  std::erase_if(changed, [&](std::int64_t id) { return id > watermark; });

  Candidates found = gather(streams(kind, query, watermark, changed), query.page, watermark);
  Stretch stretch{.passed = found.passed};
  if (!stretch.passed && query.page.order == Order::ascending) stretch.passed = watermark;
  stretch.rows.add_ids(found.ids, id_column);
  return stretch;
}

}  // namespace bellpull
