#include "sqlite/usage_table.h"

#include <algorithm>
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
#include "domain/usage.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/list.h"
#include "store/run_records.h"
#include "store/usage_store.h"

namespace bellpull {

namespace {

constexpr std::string_view add_sql = R"sql(
  insert into usage (account, day, trigger, bot, model, runs, conversations, messages, model_calls,
                     action_calls, input_tokens, cached_tokens, output_tokens, cost, unpriced_calls)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
  on conflict (account, day, trigger, bot, model) do update set
    runs = runs + excluded.runs, conversations = conversations + excluded.conversations,
    messages = messages + excluded.messages, model_calls = model_calls + excluded.model_calls,
    action_calls = action_calls + excluded.action_calls,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    output_tokens = output_tokens + excluded.output_tokens, cost = cost + excluded.cost,
    unpriced_calls = unpriced_calls + excluded.unpriced_calls)sql";

constexpr std::string_view on_day_sql = R"sql(
  select model, sum(runs), sum(conversations), sum(messages), sum(model_calls), sum(action_calls),
         sum(input_tokens), sum(cached_tokens), sum(output_tokens), sum(cost), sum(unpriced_calls)
    from usage where account = ?1 and day = ?2 and (?3 is null or trigger = ?3)
         and (?4 is null or bot = ?4)
   group by model order by model)sql";

constexpr std::string_view select_sql = R"sql(
  select id, runs, conversations, messages, model_calls, action_calls, input_tokens, cached_tokens,
         output_tokens, cost, unpriced_calls, account, day, trigger, bot, model,
         (select t.tag from triggers t where t.id = trigger), (select b.tag from bots b where b.id = bot)
    from usage)sql";

constexpr std::string_view messages_sql = R"sql(
  select number, run, created_at from messages
   where conversation = ?1 and number > ?2 order by number limit ?3)sql";
constexpr std::string_view run_sql = R"sql(
  select started_at, model_calls, action_calls, input_tokens, output_tokens, cost, unpriced_calls
    from runs where id = ?1)sql";

constexpr std::string_view price_sql =
    "select model, input, cached_input, output, updated_at from prices where model = ?1";
constexpr std::string_view prices_sql = R"sql(
  select model, input, cached_input, output, updated_at from prices
   where model > ?1 order by model limit ?2)sql";
constexpr std::string_view keep_price_sql = R"sql(
  insert or replace into prices (model, input, cached_input, output, updated_at)
  values (?1, ?2, ?3, ?4, ?5))sql";

// A count that reads an index only: some milliseconds for a million.
constexpr std::int64_t max_counted = 1'000'000;

std::string_view owned_sql(Owned what) {
  switch (what) {
    case Owned::datasets:
      return "select 1 from datasets where account = ?1";
    case Owned::records:
      return "select 1 from records where dataset in (select id from datasets where account = ?1)";
    case Owned::skillsets:
      return "select 1 from skillsets where account = ?1";
    case Owned::abilities:
      return "select 1 from abilities where account = ?1";
    case Owned::files:
      return "select 1 from files where account = ?1";
  }
  return {};
}

bool fits(const UsageRow& row, const Filter& filter) {
  const std::int64_t value =
      filter.field == "trigger" ? row.subject.trigger.value : row.subject.bot.value;
  return std::ranges::any_of(filter.any_of, [value](const auto& wanted) {
    const auto* number = std::get_if<std::int64_t>(&wanted);
    return number != nullptr && *number == value;
  });
}

UsageCounts read_counts(const Statement& row) {
  UsageCounts counts;
  int column = 0;
  for (std::int64_t UsageCounts::* member :
       {&UsageCounts::runs, &UsageCounts::conversations, &UsageCounts::messages,
        &UsageCounts::model_calls, &UsageCounts::action_calls, &UsageCounts::input_tokens,
        &UsageCounts::cached_tokens, &UsageCounts::output_tokens, &UsageCounts::cost,
        &UsageCounts::unpriced_calls}) {
    counts.*member = row.number(++column);
  }
  return counts;
}

UsageRow read_usage(const Statement& row) {
  UsageRow usage{.number = row.number(0), .counts = read_counts(row)};
  usage.subject = {.account = AccountKey{row.number(11)},
                   .day = row.number(12),
                   .trigger = TriggerKey{row.number(13)},
                   .bot = BotKey{row.number(14)},
                   .model = row.text(15)};
  if (!row.is_null(16)) usage.trigger = TriggerId{usage.subject.trigger, tag_from(row.view(16))};
  if (!row.is_null(17)) usage.bot = BotId{usage.subject.bot, tag_from(row.view(17))};
  return usage;
}

Price read_price(const Statement& row) {
  return {.model = row.text(0),
          .input = row.number(1),
          .cached_input = row.optional_number(2),
          .output = row.number(3),
          .updated_at = from_ms(row.number(4))};
}

UsageCounts read_run(const Statement& row) {
  return {.runs = 1,
          .model_calls = row.number(1),
          .action_calls = row.number(2),
          .input_tokens = row.number(3),
          .output_tokens = row.number(4),
          .cost = row.number(5),
          .unpriced_calls = row.number(6)};
}

}  // namespace

UsageTable::UsageTable(Database& database)
    : database_(database), add_(database, add_sql), price_(database, price_sql) {}

void UsageTable::add(const UsageTally& tally) {
  for (const auto& [subject, counts] : tally) {
    add_.with(subject.account.value, subject.day, subject.trigger.value, subject.bot.value,
              std::string_view{subject.model}, counts.runs, counts.conversations, counts.messages,
              counts.model_calls, counts.action_calls, counts.input_tokens, counts.cached_tokens,
              counts.output_tokens, counts.cost, counts.unpriced_calls)
        .run();
  }
}

std::vector<ModelUsage> UsageTable::on_day(const UsageQuery& query) const {
  Statement statement{database_, on_day_sql};
  statement.with(query.account.value, query.day);
  bind_value(statement, 3, query.trigger);
  bind_value(statement, 4, query.bot);
  std::vector<ModelUsage> models;
  while (statement.step()) models.push_back({statement.text(0), read_counts(statement)});
  return models;
}

// The rows of an account have an index; filters are compared along it.
PagePart<UsageRow> UsageTable::look(const ListQuery& query) const {
  Conditions conditions;
  conditions.add("account = ?", query.account.value);
  conditions.add_page(query.page, "id");
  Statement statement{database_, std::string{select_sql} + conditions.where() +
                                     order_by(query.page, "id") + " limit " +
                                     std::to_string(look_rows)};
  conditions.bind(statement);
  PagePart<UsageRow> part;
  std::int64_t passed = 0;
  std::int64_t last = 0;
  while (statement.step() && std::ssize(part.rows) < query.page.take) {
    UsageRow row = read_usage(statement);
    last = row.number;
    ++passed;
    const bool is_wanted = std::ranges::all_of(
        query.filters, [&row](const Filter& filter) { return fits(row, filter); });
    if (is_wanted) part.rows.push_back(std::move(row));
  }
  if (passed == look_rows) part.passed = last;
  return part;
}

ConversationUsage UsageTable::of_conversation(const ConversationLook& look) const {
  ConversationUsage usage{.last_message = look.after, .last_run = look.counted};
  Statement messages{database_, messages_sql};
  Statement run{database_, run_sql};
  const auto is_in = [&](std::int64_t ms) { return ms >= to_ms(look.from) && ms < to_ms(look.to); };
  messages.with(look.conversation.value, look.after, look_rows);
  std::int64_t rows = 0;
  while (messages.step()) {
    ++rows;
    usage.last_message = messages.number(0);
    if (is_in(messages.number(2))) ++usage.counts.messages;
    const RunId made_by{messages.number(1)};
    // The runs of a conversation come one after the other, and so do their messages.
    if (made_by.value == 0 || made_by == usage.last_run) continue;
    usage.last_run = made_by;
    if (!run.with(made_by.value).step()) continue;
    if (is_in(run.number(0))) usage.counts += read_run(run);
    run.reset();
  }
  usage.more = rows == look_rows;
  return usage;
}

std::int64_t UsageTable::count(AccountKey account, Owned what) const {
  Statement statement{database_, "select count(*) from (" + std::string{owned_sql(what)} +
                                     " limit " + std::to_string(max_counted) + ")"};
  statement.with(account.value).step();
  return statement.number(0);
}

UsageCounts UsageTable::counts_of(const ModelUse& call) const {
  UsageCounts counts{.model_calls = 1,
                     .input_tokens = call.input_tokens,
                     .cached_tokens = call.cached_tokens,
                     .output_tokens = call.output_tokens};
  if (const auto price = this->price(call.model)) {
    counts.cost = cost_of(*price, call.input_tokens, call.cached_tokens, call.output_tokens);
  } else if (!is_free(call.model)) {
    counts.unpriced_calls = 1;
  }
  return counts;
}

void UsageTable::count(const UsageSubject& subject, const RunUsage& usage) {
  UsageTally tally;
  if (usage.action_calls > 0) tally[subject].action_calls = usage.action_calls;
  for (const ModelUse& call : usage.model_calls) {
    UsageSubject of_model = subject;
    of_model.model = call.model;
    tally[of_model] += counts_of(call);
  }
  add(tally);
}

std::optional<Price> UsageTable::price(std::string_view model) const {
  if (!price_.with(model).step()) return std::nullopt;
  Price found = read_price(price_);
  price_.reset();
  return found;
}

std::vector<Price> UsageTable::prices(std::string_view after, std::int64_t limit) const {
  Statement statement{database_, prices_sql};
  statement.with(after, limit);
  std::vector<Price> found;
  while (statement.step()) found.push_back(read_price(statement));
  return found;
}

void UsageTable::keep_price(const Price& price) {
  Statement statement{database_, keep_price_sql};
  statement.bind(1, std::string_view{price.model});
  statement.bind(2, price.input);
  statement.bind_optional(3, price.cached_input);
  statement.bind(4, price.output);
  statement.bind(5, to_ms(price.updated_at));
  statement.run();
}

bool UsageTable::remove_price(std::string_view model) {
  return Statement{database_, "delete from prices where model = ?1"}.with(model).run() > 0;
}

}  // namespace bellpull
