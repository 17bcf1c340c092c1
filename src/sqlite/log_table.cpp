#include "sqlite/log_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/meta.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/index_reader.h"
#include "sqlite/list_sql.h"
#include "sqlite/written.h"
#include "store/event_log.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view insert_sql = R"sql(
  insert into log_items (account, type, created_at, run, name, meta, trigger, bot, blueprint,
                         conversation, contact, dataset, record, skillset, ability, file, secret,
                         tags, opening)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19))sql";

constexpr std::string_view select_sql = R"sql(
  select id, account, type, created_at, run, name, meta, trigger, bot, blueprint, conversation,
         contact, dataset, record, skillset, ability, file, secret, opening_tags, tags
    from log_entries)sql";

constexpr int first_reference = 7;  // in both
constexpr int opening_tags_column = 18;
constexpr int tags_column = 19;

// An entry that is further from its opening repeats it: only so many of the oldest entries can lose
// what they are about.
constexpr std::int64_t max_distance = 100'000;

constexpr std::array log_filters{FilterColumn{"type", "type"},
                                 FilterColumn{"trigger", "trigger"},
                                 FilterColumn{"bot", "bot"},
                                 FilterColumn{"blueprint", "blueprint"},
                                 FilterColumn{"conversation", "conversation"},
                                 FilterColumn{"contact", "contact"},
                                 FilterColumn{"dataset", "dataset"},
                                 FilterColumn{"record", "record"},
                                 FilterColumn{"skillset", "skillset"},
                                 FilterColumn{"ability", "ability"},
                                 FilterColumn{"file", "file"},
                                 FilterColumn{"secret", "secret"}};

// In the order of the columns.
template <class References, class Visit>
void for_each_reference(References& about, Visit visit) {
  visit(about.trigger);
  visit(about.bot);
  visit(about.blueprint);
  visit(about.conversation);
  visit(about.contact);
  visit(about.dataset);
  visit(about.record);
  visit(about.skillset);
  visit(about.ability);
  visit(about.file);
  visit(about.secret);
}

// Binds the references from `index` on; gives their tags.
std::string bind_references(Statement& statement, int index, const LogReferences& about) {
  std::string tags;
  for_each_reference(about, [&](const auto& id) {
    if (id) {
      statement.bind(index, id->key.value);
      tags += tag_blob(id->tag).bytes;
    } else {
      statement.bind_null(index);
    }
    ++index;
  });
  return tags;
}

LogReferences read_references(const Statement& row) {
  LogReferences about;
  const std::string all_tags = row.text(opening_tags_column) + row.text(tags_column);
  std::string_view tags = all_tags;
  int column = first_reference;
  for_each_reference(about, [&](auto& id) {
    if (!row.is_null(column) && tags.size() >= tag_size) {
      id.emplace();
      id->key.value = row.number(column);
      id->tag = tag_from(tags.substr(0, tag_size));
      tags.remove_prefix(tag_size);
    }
    ++column;
  });
  return about;
}

LogItem read_item(const Statement& row) {
  LogItem item{.id = LogId{row.number(0)},
               .account = AccountKey{row.number(1)},
               .type = row.text(2),
               .name = row.text(5),
               .about = read_references(row),
               .meta = row.is_null(6) ? "{}" : row.text(6),
               .created_at = from_ms(row.number(3))};
  if (!row.is_null(4)) item.run = RunId{row.number(4)};
  return item;
}

void bind_text_or_null(Statement& statement, int index, std::string_view text,
                       std::string_view nothing) {
  if (text == nothing) {
    statement.bind_null(index);
  } else {
    statement.bind(index, text);
  }
}

// An event and its run are shown in `meta`, but kept as a number, which `conditions` compare. Gives
// the filters that are left.
std::vector<MetaFilter> take_run_filters(Conditions& conditions,
                                         const std::vector<MetaFilter>& filters) {
  std::vector<MetaFilter> others;
  for (const MetaFilter& filter : filters) {
    const bool is_event = filter.path == std::vector<std::string>{"eventId"};
    const bool is_run = filter.path == std::vector<std::string>{"runId"};
    if (!is_event && !is_run) {
      others.push_back(filter);
      continue;
    }
    const auto number =
        parse_sequence_id(is_event ? EventKind::prefix : RunKind::prefix, filter.value);
    conditions.add("run = ?", number.value_or(-1));
  }
  return others;
}

bool fits(const LogItem& item, const std::vector<MetaFilter>& filters) {
  if (filters.empty()) return true;
  const auto meta = parse_stored(item.meta);
  return std::ranges::all_of(filters, [&](const MetaFilter& filter) {
    return meta_text(meta, filter.path) == filter.value;
  });
}

}  // namespace

LogTable::LogTable(Database& database, const IndexReader* index, Written& written)
    : database_(database),
      index_(index),
      written_(written),
      insert_(database, insert_sql),
      find_(database, std::string{select_sql} + " where id = ?1"),
      newest_(database, "select max(id) from log_items") {}

void LogTable::add(LogItem& item) { insert(item, std::nullopt); }

bool LogTable::add_to(LogId opening, LogItem& item) {
  if (is_near(opening)) {
    insert(item, opening);
    return true;
  }
  const std::optional<LogItem> first = find(opening);
  if (!first) return false;
  item.about.trigger = first->about.trigger;
  item.about.bot = first->about.bot;
  item.about.blueprint = first->about.blueprint;
  item.about.conversation = first->about.conversation;
  item.about.contact = first->about.contact;
  insert(item, std::nullopt);
  return true;
}

bool LogTable::is_near(LogId opening) {
  if (last_ == 0) last_ = newest();
  if (!removed_) {
    Statement oldest{database_, "select min(id) from log_items"};
    oldest.step();
    removed_ = oldest.number(0) - 1;
  }
  return opening.value > *removed_ && last_ - opening.value <= max_distance;
}

void LogTable::insert(LogItem& item, std::optional<LogId> opening) {
  insert_.bind(1, item.account.value);
  insert_.bind(2, std::string_view{item.type});
  insert_.bind(3, to_ms(item.created_at));
  if (item.run) {
    insert_.bind(4, item.run->value);
  } else {
    insert_.bind_null(4);
  }
  bind_text_or_null(insert_, 5, item.name, "");
  bind_text_or_null(insert_, 6, item.meta, "{}");
  const std::string tags = bind_references(insert_, first_reference, item.about);
  insert_.bind(18, Blob{tags});
  if (opening) {
    insert_.bind(19, opening->value);
  } else {
    insert_.bind_null(19);
  }
  insert_.run();
  last_ = database_.last_row();
  item.id = LogId{last_};
  written_.logs(item.account);
}

PagePart<LogItem> LogTable::look(const ListQuery& query) const {
  Stretch stretch;
  if (index_ != nullptr) {
    stretch = index_->next(IndexedKind::log, query, "id");
  } else {
    stretch.rows.add_page(query.page, "id");
  }
  stretch.rows.add("account = ?", query.account.value);
  stretch.rows.add_filters(query.filters, log_filters);
  const auto others = take_run_filters(stretch.rows, query.meta);
  Statement statement{database_,
                      std::string{select_sql} + stretch.rows.where() + order_by(query.page, "id")};
  stretch.rows.bind(statement);
  PagePart<LogItem> part{.passed = stretch.passed};
  const auto take = std::clamp<std::int64_t>(query.page.take, 1, max_page);
  while (std::ssize(part.rows) < take && part.bytes < query.page.bytes && statement.step()) {
    const std::size_t before = database_.bytes_read();
    LogItem item = read_item(statement);
    if (!fits(item, others)) continue;
    part.bytes += database_.bytes_read() - before;
    part.rows.push_back(std::move(item));
  }
  return part;
}

std::int64_t LogTable::newest() const {
  newest_.step();
  const std::int64_t id = newest_.number(0);
  newest_.reset();
  return id;
}

// Numbers grow with time, but for clocks that step: near enough for retention, and a few reads.
std::optional<std::int64_t> LogTable::last_beyond(const Bounds& bounds) const {
  const std::int64_t newest = this->newest();
  std::int64_t last = 0;
  if (bounds.rows) last = newest - *bounds.rows;
  if (bounds.time) {
    Statement from{database_,
                   "select id, created_at from log_items where id >= ?1 order by id limit 1"};
    std::int64_t low = std::max<std::int64_t>(last, 0);  // beyond, as far as is known
    std::int64_t high = newest;
    while (low < high) {
      const std::int64_t middle = low + (high - low + 1) / 2;
      const bool is_beyond = from.with(middle).step() && from.number(1) < to_ms(*bounds.time);
      from.reset();
      if (is_beyond) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    last = low;
  }
  // The newest row stays, so that no number is given twice.
  last = std::min(last, newest - 1);
  if (last <= 0) return std::nullopt;
  return last;
}

std::int64_t LogTable::trim(std::int64_t last, std::int64_t limit) {
  Statement remove{database_,
                   "delete from log_items where id in "
                   "(select id from log_items where id <= ?1 and id < "
                   "(select max(id) from log_items) order by id limit ?2)"};
  removed_ = std::max(removed_.value_or(0), last);
  return remove.with(last, limit).run();
}

std::optional<LogItem> LogTable::find(LogId id) const {
  if (!find_.with(id.value).step()) return std::nullopt;
  LogItem item = read_item(find_);
  find_.reset();
  return item;
}

}  // namespace bellpull
