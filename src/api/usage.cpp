#include "api/usage.h"

#include <array>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "api/usage_window.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "domain/usage.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"
#include "store/usage_store.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, Owned>, 5> owned{{{"datasets", Owned::datasets},
                                                                   {"records", Owned::records},
                                                                   {"skillsets", Owned::skillsets},
                                                                   {"abilities", Owned::abilities},
                                                                   {"files", Owned::files}}};

void add(UsageByModel& sum, const std::vector<ModelUsage>& day) {
  for (const ModelUsage& one : day) sum[one.model] += one.counts;
}

json::object reply_of(const UsageByModel& models, std::string_view currency) {
  const UsageCounts total = total_of(models);
  json::object reply{{"tokens", total.tokens()},
                     {"conversations", total.conversations},
                     {"messages", total.messages}};
  add_counts(reply, total, currency);
  reply["models"] = models_of(models);
  return reply;
}

ListRules usage_list() {
  return {.kind = "usage",
          .filters = {reference_filter<Trigger>("triggerId", "trigger"),
                      reference_filter<Bot>("botId", "bot")},
          .has_meta = false};
}

// A row is either one model's, and counts tokens, or what belongs to no model, and counts messages.
json::object item_of(const UsageRow& row, const View& view, std::string_view currency) {
  const bool is_model = !row.subject.model.empty();
  const json::value day = view.time(start_of_day(row.subject.day));
  json::object item{{"id", sequence_id_text("usage", row.number)},
                    {"type", is_model ? "tokens" : "messages"},
                    {"count", is_model ? row.counts.tokens() : row.counts.messages},
                    {"date", day},
                    {"botId", nullptr},
                    {"triggerId", nullptr},
                    {"model", is_model ? json::value(row.subject.model) : json::value(nullptr)},
                    {"conversations", row.counts.conversations}};
  if (row.bot) item["botId"] = row.bot->text();
  if (row.trigger) item["triggerId"] = row.trigger->text();
  add_counts(item, row.counts, currency);
  item["meta"] = json::object{};
  item["createdAt"] = day;
  item["updatedAt"] = day;
  return item;
}

json::object item_schema() {
  constexpr std::array<std::string_view, 2> types{"tokens", "messages"};
  json::object schema = object_schema({{"id", text_schema()},
                                       {"type", choice_schema(types)},
                                       {"count", whole_number_schema()},
                                       {"date", time_schema()},
                                       {"botId", or_null(text_schema())},
                                       {"triggerId", or_null(text_schema())},
                                       {"model", or_null(text_schema())},
                                       {"conversations", whole_number_schema()},
                                       {"cachedInputTokens", whole_number_schema()},
                                       {"meta", open_object_schema()},
                                       {"createdAt", time_schema()},
                                       {"updatedAt", time_schema()}});
  add_members(schema, counts_schema());
  return schema;
}

json::object series_schema() {
  const auto points_of = [](json::object total) {
    return array_schema(object_schema({{"date", time_schema()}, {"total", std::move(total)}}));
  };
  const json::object points = points_of(whole_number_schema());
  return object_schema({{"tokens", points},
                        {"conversations", points},
                        {"messages", points},
                        {"runs", points},
                        {"costMicros", points_of(or_null(whole_number_schema()))},
                        {"currency", text_schema()}});
}

json::object conversation_schema() {
  json::object schema =
      object_schema({{"tokens", whole_number_schema()}, {"messages", whole_number_schema()}});
  add_members(schema, counts_schema());
  return schema;
}

json::object database_schema() {
  const json::object number = whole_number_schema();
  return object_schema({{"datasets", number},
                        {"records", number},
                        {"skillsets", number},
                        {"abilities", number},
                        {"files", number},
                        {"users", number}});
}

}  // namespace

Usage::Usage(Store& store, const Clock& clock, std::string currency)
    : store_(store), clock_(clock), currency_(std::move(currency)) {}

void Usage::add_routes(Routes& routes) {
  const Schema usage{"Usage", usage_schema()};
  json::object with_database = usage_schema();
  add_members(with_database, object_schema({{"database", database_schema()}}));
  routes.get("/usage/fetch", [this](Call call) { return fetch(std::move(call)); })
      .describe({.summary = "What the account used, this month so far or in a window",
                 .gives = {"AccountUsage", std::move(with_database)},
                 .query = usage_parameters()});
  routes.get("/usage/series/fetch", [this](Call call) { return fetch_series(std::move(call)); })
      .describe({.summary = "The same day by day, oldest first",
                 .gives = {"UsageSeries", series_schema()},
                 .query = usage_parameters()});
  routes.get("/usage/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "What was used on each day, by trigger, bot and model",
                 .gives = {"UsageItem", item_schema()},
                 .form = Description::Form::list,
                 .query = list_parameters(usage_list())});
  routes
      .get("/bot/{botId}/usage/fetch", [this](Call call) { return fetch_of_bot(std::move(call)); })
      .describe({.summary = "What a bot used, in the last 30 days or a window of the last 90",
                 .gives = usage,
                 .query = usage_parameters()});
  routes
      .get("/integration/trigger/{triggerIntegrationId}/usage/fetch",
           [this](Call call) { return fetch_of_trigger(std::move(call)); })
      .describe({.summary = "What a trigger's events used, in the last 30 days or a window of the "
                            "last 90",
                 .gives = usage,
                 .query = usage_parameters()});
  routes
      .get("/conversation/{conversationId}/usage/fetch",
           [this](Call call) { return fetch_of_conversation(std::move(call)); })
      .describe({.summary = "The messages of a conversation, and what its runs used",
                 .gives = {"ConversationUsage", conversation_schema()},
                 .query = usage_parameters()});
}

Task<UsageByModel> Usage::used(UsageQuery query, UsageDays days) {
  UsageByModel sum;
  for (query.day = days.first; query.day <= days.last; ++query.day) {
    const std::vector<ModelUsage> models = co_await store_.read(
        [&](const Transaction& rows) { return rows.usage().on_day(query); }, ReadKind::list);
    add(sum, models);
  }
  co_return sum;
}

Task<Response> Usage::fetch(Call call) {
  const Result<UsageDays> days = month_or_asked(call.request, clock_.now());
  if (!days) co_return call.reply(days.error());

  const UsageByModel models = co_await used({.account = call.caller.account}, *days);
  json::object reply = reply_of(models, currency_);
  json::object database;
  for (const auto& entry : owned) {
    const auto [name, what] = entry;
    const std::int64_t count = co_await store_.read(
        [&](const Transaction& rows) { return rows.usage().count(call.caller.account, what); },
        ReadKind::list);
    database[name] = count;
  }
  database["users"] = 0;  // there are no child accounts
  reply["database"] = std::move(database);
  co_return call.reply(reply);
}

Task<Response> Usage::fetch_series(Call call) {
  const Result<UsageDays> days = month_or_asked(call.request, clock_.now());
  if (!days) co_return call.reply(days.error());

  json::array tokens;
  json::array conversations;
  json::array messages;
  json::array runs;
  json::array cost;
  for (std::int64_t day = days->first; day <= days->last; ++day) {
    const UsageByModel models =
        co_await used({.account = call.caller.account}, {.first = day, .last = day});
    const UsageCounts total = total_of(models);
    const json::value date = call.view.time(start_of_day(day));
    const auto point = [&date](json::value value) {
      return json::object{{"date", date}, {"total", std::move(value)}};
    };
    tokens.push_back(point(total.tokens()));
    conversations.push_back(point(total.conversations));
    messages.push_back(point(total.messages));
    runs.push_back(point(total.runs));
    cost.push_back(point(cost_value(total)));
  }
  co_return call.reply(json::object{{"tokens", std::move(tokens)},
                                    {"conversations", std::move(conversations)},
                                    {"messages", std::move(messages)},
                                    {"runs", std::move(runs)},
                                    {"costMicros", std::move(cost)},
                                    {"currency", currency_}});
}

Task<Response> Usage::fetch_of_bot(Call call) {
  const Result<Bot> bot = co_await store_.read([&](const Transaction& rows) {
    return find_own<Bot>(rows, call.caller.account, call.parameter("botId"));
  });
  if (!bot) co_return call.reply(bot.error());
  UsageQuery query{.account = call.caller.account, .bot = bot->id.key};
  co_return co_await reply_recent(std::move(call), query);
}

Task<Response> Usage::fetch_of_trigger(Call call) {
  const Result<Trigger> trigger = co_await store_.read([&](const Transaction& rows) {
    return find_own<Trigger>(rows, call.caller.account, call.parameter("triggerIntegrationId"));
  });
  if (!trigger) co_return call.reply(trigger.error());
  UsageQuery query{.account = call.caller.account, .trigger = trigger->id.key};
  co_return co_await reply_recent(std::move(call), query);
}

Task<Response> Usage::reply_recent(Call call, UsageQuery query) {
  const Result<UsageDays> days = recent_or_asked(call.request, clock_.now());
  if (!days) co_return call.reply(days.error());
  const UsageByModel models = co_await used(query, *days);
  co_return call.reply(reply_of(models, currency_));
}

Task<Response> Usage::fetch_of_conversation(Call call) {
  const Result<UsageSpan> span = all_or_asked(call.request);
  if (!span) co_return call.reply(span.error());
  const Result<Conversation> conversation = co_await store_.read([&](const Transaction& rows) {
    return find_own<Conversation>(rows, call.caller.account, call.parameter("conversationId"));
  });
  if (!conversation) co_return call.reply(conversation.error());

  const UsageCounts counts = co_await used_in(conversation->id.key, *span);
  json::object reply{{"tokens", counts.tokens()}, {"messages", counts.messages}};
  add_counts(reply, counts, currency_);
  reply.erase("cachedInputTokens");  // runs do not keep them apart
  co_return call.reply(reply);
}

Task<UsageCounts> Usage::used_in(ConversationKey conversation, UsageSpan span) {
  UsageCounts sum;
  ConversationLook look{.conversation = conversation, .from = span.from, .to = span.to};
  while (true) {
    const ConversationUsage part = co_await store_.read(
        [&](const Transaction& rows) { return rows.usage().of_conversation(look); },
        ReadKind::list);
    sum += part.counts;
    if (!part.more) co_return sum;
    look.after = part.last_message;
    look.counted = part.last_run;
  }
}

Task<Response> Usage::list(Call call) {
  static const ListRules rules = usage_list();
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  *request = co_await with_aliases_resolved(&store_, std::move(*request));

  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return read_page(query, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> Usage::read_page(ListQuery query, Page page, View view) {
  const Result<PageRows<UsageRow>> found =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        return rows.usage().look(query);
      });
  if (!found) co_return std::unexpected(found.error());

  ListPage rendered{.is_partial = found->is_cut};
  for (const UsageRow& row : *found) rendered.items.push_back(item_of(row, view, currency_));
  if (!found->empty()) rendered.last = found->back().number;
  co_return rendered;
}

}  // namespace bellpull
