#include "sqlite/event_looks.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/event_matcher.h"
#include "sqlite/event_rows.h"
#include "sqlite/index_reader.h"
#include "sqlite/list_sql.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// How long one look reads bodies: a snapshot must not be held for long, the writer even less.
constexpr std::chrono::milliseconds reader_time{25};
constexpr std::chrono::milliseconds writer_time{2};
constexpr std::int64_t writer_rows = 250;

constexpr std::string_view conversation_sql = R"sql(
  select id from runs where conversation = ?1 and id > ?2 order by id limit ?3)sql";
constexpr std::string_view conversation_descending_sql = R"sql(
  select id from runs where conversation = ?1 and id < ?2 order by id desc limit ?3)sql";
constexpr std::string_view newest_sql = "select max(id) from runs";
constexpr std::string_view received_sql =
    "select id, received_at from events where id >= ?1 order by id limit 1";
constexpr std::string_view times_columns =
    "select r.id, r.state, e.received_at, r.started_at, r.ended_at";

// A session's name is its text without the letter of its type; that of invokes is "invoke".
constexpr std::array filters{
    FilterColumn{"trigger", "r.trigger"},
    FilterColumn{"state", "r.state"},
    FilterColumn{"conversation", "r.conversation"},
    FilterColumn{"source", "e.source"},
    FilterColumn{"session", "case e.session when 'i:' then 'invoke' else substr(e.session, 3) end"},
    FilterColumn{"key", "e.idempotency_key"},
    FilterColumn{"bot", "(select c.bot from conversations c where c.id = r.conversation)"},
    FilterColumn{"contact", "(select c.contact from conversations c where c.id = r.conversation)"}};

// The one value of a filter, where it has one.
std::optional<std::int64_t> only_value(const ListQuery& query, std::string_view field) {
  for (const Filter& filter : query.filters) {
    if (filter.field != field || filter.any_of.size() != 1) continue;
    if (const auto* number = std::get_if<std::int64_t>(&filter.any_of.front())) return *number;
  }
  return std::nullopt;
}

// `text` as a pattern of LIKE, which compares in any case, for any part.
std::string part_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

void add_search(Conditions& rows, const EventSearch& search) {
  if (search.from) rows.add("e.received_at >= ?", to_ms(*search.from));
  if (search.before) rows.add("e.received_at < ?", to_ms(*search.before));
  if (search.min_attempts) rows.add("r.attempt >= ?", *search.min_attempts);
  if (search.min_duration_ms) {
    rows.add("r.ended_at - r.started_at >= ?", *search.min_duration_ms);
  }
  if (search.has_conversation) {
    rows.add(*search.has_conversation ? "r.conversation is not null" : "r.conversation is null");
  }
  if (search.has_unknown) {
    rows.add(*search.has_unknown ? "r.unknown_calls > r.resolved_calls"
                                 : "r.unknown_calls <= r.resolved_calls");
  }
  if (!search.contact.empty()) {
    rows.add(R"(coalesce(e.contact_name, '') || char(10) || coalesce(e.contact_email, '') ||
                char(10) || coalesce(e.contact_phone, '') like ? escape '\')",
             part_pattern(search.contact));
  }
  if (!search.reason.empty()) {
    rows.add(R"(r.reason like ? escape '\')", part_pattern(search.reason));
  }
  if (!search.error.empty()) {
    rows.add(R"(r.error_message like ? escape '\')", part_pattern(search.error));
  }
}

// Whether nothing that is meant lies beyond what the stretch passes.
bool is_over(const Stretch& stretch, const Page& page, std::int64_t first, std::int64_t last) {
  if (!stretch.passed) return true;
  return page.order == Order::descending ? *stretch.passed <= first : *stretch.passed >= last;
}

}  // namespace

EventLooks::EventLooks(Database& database, const IndexReader* index)
    : database_(database),
      index_(index),
      dead_(database, dead_sql),
      dead_descending_(database, dead_descending_sql),
      unknown_(database, unknown_sql),
      unknown_descending_(database, unknown_descending_sql),
      conversation_(database, conversation_sql),
      conversation_descending_(database, conversation_descending_sql),
      body_(database, event_body_sql),
      newest_(database, newest_sql),
      received_(database, received_sql) {}

EventId EventLooks::newest() const {
  newest_.step();
  const EventId newest{newest_.number(0)};
  newest_.reset();
  return newest;
}

// The first event received at `at` or later. Events are kept in the order of receipt but for a
// moment, and for a clock that was set; clock_slack is for both.
std::int64_t EventLooks::first_received(TimePoint at, std::int64_t newest) const {
  std::int64_t low = 1;
  std::int64_t high = newest + 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (!received_.with(middle).step()) {
      high = middle;
      continue;
    }
    const std::int64_t found = received_.number(0);
    const bool is_before = received_.number(1) < to_ms(at);
    received_.reset();
    if (is_before) {
      low = found + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

EventLooks::Bounds EventLooks::bounds_of(const EventSearch& search) const {
  const std::int64_t newest = this->newest().value;
  Bounds bounds{.last = newest};
  if (search.until) bounds.last = std::min(newest, search.until->value);
  if (search.from) bounds.first = first_received(*search.from - clock_slack, newest);
  if (search.before) {
    bounds.last = std::min(bounds.last, first_received(*search.before + clock_slack, newest) - 1);
  }
  return bounds;
}

Stretch EventLooks::next(const ListQuery& query, const EventSearch& search) const {
  const Bounds bounds = bounds_of(search);
  ListQuery bounded = query;
  std::int64_t& after = bounded.page.after;
  if (query.page.order == Order::ascending) {
    after = std::max(after, bounds.first - 1);
  } else {
    after = after == 0 ? bounds.last + 1 : std::min(after, bounds.last + 1);
  }
  Stretch stretch = stretch_of(bounded, search);
  stretch.rows.add("r.id >= ?", bounds.first);
  stretch.rows.add("r.id <= ?", bounds.last);
  if (is_over(stretch, query.page, bounds.first, bounds.last)) stretch.passed.reset();
  stretch.rows.add("r.account = ?", query.account.value);
  stretch.rows.add_filters(query.filters, filters);
  add_search(stretch.rows, search);
  return stretch;
}

Stretch EventLooks::stretch_of(const ListQuery& query, const EventSearch& search) const {
  const bool descending = query.page.order == Order::descending;
  // These are few, and what operators ask for: they have an index of their own.
  if (search.has_unknown.value_or(false)) {
    return listed(descending ? unknown_descending_ : unknown_, query.account.value, query.page);
  }
  if (only_value(query, "state") == static_cast<std::int64_t>(RunState::dead)) {
    return listed(descending ? dead_descending_ : dead_, query.account.value, query.page);
  }
  if (const auto conversation = only_value(query, "conversation")) {
    return listed(descending ? conversation_descending_ : conversation_, *conversation, query.page);
  }
  if (index_ != nullptr) return index_->next(IndexedKind::event, query, "r.id");
  return in_order(query.page);
}

Stretch EventLooks::listed(Statement& statement, std::int64_t subject, const Page& page) const {
  statement.with(subject, page.after, look_rows);
  std::vector<std::int64_t> ids;
  while (statement.step()) ids.push_back(statement.number(0));
  Stretch stretch;
  if (std::ssize(ids) == look_rows) stretch.passed = ids.back();
  stretch.rows.add_ids(ids, "r.id");
  return stretch;
}

Stretch EventLooks::in_order(const Page& page) const {
  Stretch stretch;
  const bool descending = page.order == Order::descending;
  const std::int64_t passed = page.after + (descending ? -writer_rows : writer_rows);
  stretch.rows.add(descending ? "r.id < ?" : "r.id > ?", page.after);
  stretch.rows.add(descending ? "r.id >= ?" : "r.id <= ?", passed);
  stretch.passed = passed;
  return stretch;
}

std::optional<std::int64_t> EventLooks::read(const Stretch& stretch, const ListQuery& query,
                                             const EventSearch& search, const Visit& visit) const {
  using Time = std::chrono::steady_clock;
  const auto stop_at = Time::now() + (index_ != nullptr ? reader_time : writer_time);
  const EventMatcher matcher{search};
  Statement statement{database_, std::string{event_columns} + ", e.body" +
                                     std::string{from_events} + stretch.rows.where() +
                                     order_by(query.page, "r.id")};
  stretch.rows.bind(statement);
  while (statement.step()) {
    EventAndRun row = read_event_row(statement);
    const std::int64_t id = row.run.id.value;
    const std::string_view body = statement.view(event_column_count);
    bool is_meant = true;
    if (search.reads_bodies() && statement.is_null(event_column_count)) {
      is_meant = body_.with(id).step() && matcher.matches(row, body_.view(0));
      body_.reset();
    } else if (search.reads_bodies()) {
      is_meant = matcher.matches(row, body);
    }
    if (is_meant) row.event.body = body;
    const bool has_enough = is_meant && !visit(row);
    if (has_enough || (search.reads_bodies() && Time::now() >= stop_at)) return id;
  }
  return stretch.passed;
}

PagePart<EventAndRun> EventLooks::look(const ListQuery& query, const EventSearch& search) const {
  const Stretch stretch = next(query, search);
  const auto take =
      static_cast<std::size_t>(std::clamp<std::int64_t>(query.page.take, 1, max_page));
  PagePart<EventAndRun> part;
  part.passed = read(stretch, query, search, [&](EventAndRun& row) {
    part.rows.push_back(std::move(row));
    return part.rows.size() < take;
  });
  return part;
}

std::vector<RunTimes> EventLooks::read_times(const Stretch& stretch, const Page& page) const {
  Statement statement{database_, std::string{times_columns} + std::string{from_events} +
                                     stretch.rows.where() + order_by(page, "r.id")};
  stretch.rows.bind(statement);
  std::vector<RunTimes> rows;
  while (statement.step()) {
    RunTimes& row = rows.emplace_back(RunTimes{.run = RunId{statement.number(0)},
                                               .state = static_cast<RunState>(statement.number(1)),
                                               .received_at = from_ms(statement.number(2))});
    read_value(statement, 3, row.started_at);
    read_value(statement, 4, row.ended_at);
  }
  return rows;
}

PagePart<RunTimes> EventLooks::times(const ListQuery& query, const EventSearch& search) const {
  const Stretch stretch = next(query, search);
  if (!search.reads_bodies()) return {read_times(stretch, query.page), stretch.passed};
  PagePart<RunTimes> part;
  part.passed = read(stretch, query, search, [&](const EventAndRun& row) {
    part.rows.push_back(
        {row.run.id, row.run.state, row.event.received_at, row.run.started_at, row.run.ended_at});
    return true;
  });
  return part;
}

}  // namespace bellpull
