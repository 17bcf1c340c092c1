#include "api/event_log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/list_lines.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_watch.h"
#include "api/media.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "http/method.h"
#include "http/response.h"
#include "identity/permit.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t max_history = 10'000;
// A line at least so often, so that nobody between takes the stream for dead.
constexpr Duration longest_silence = std::chrono::seconds{12};
// Subscribers come again after it.
constexpr Duration longest_feed = std::chrono::minutes{10};

struct Subscription {
  std::optional<std::int64_t> history_length;
};

const Fields<Subscription>& subscription_fields() {
  static const Fields<Subscription> fields{
      optional_integer("historyLength", &Subscription::history_length, 0, max_history)};
  return fields;
}

template <class Write>
Field<LogItem> shown(std::string_view name, ValueKind kind, Write write) {
  return {.name = name,
          .shape = {.kind = kind, .nullable = true},
          .write = [write](const LogItem& item, const View&) { return json::value(write(item)); }};
}

template <class Id>
Field<LogItem> about(std::string_view name, std::optional<Id> LogReferences::* member) {
  return shown(name, ValueKind::reference, [member](const LogItem& item) {
    const std::optional<Id>& id = item.about.*member;
    return id ? json::value(id->text()) : json::value(nullptr);
  });
}

// Of what there is not, or not yet.
Field<LogItem> about_nothing(std::string_view name) {
  return shown(name, ValueKind::reference, [](const LogItem&) { return json::value(nullptr); });
}

json::object meta_of(const LogItem& item) {
  json::object meta;
  if (item.run) {
    meta["eventId"] = event_of(*item.run).text();
    meta["runId"] = item.run->text();
  }
  for (const auto& member : parse_stored(item.meta)) meta[member.key()] = member.value();
  return meta;
}

const Fields<LogItem>& item_fields() {
  static const Fields<LogItem> fields{
      id_field<LogItem>(),
      text("name", &LogItem::name).read_only(),
      shown("description", ValueKind::text, [](const LogItem&) { return ""; }),
      text("type", &LogItem::type).read_only(),
      about("conversationId", &LogReferences::conversation),
      about_nothing("taskId"),
      about("contactId", &LogReferences::contact),
      about("blueprintId", &LogReferences::blueprint),
      about("botId", &LogReferences::bot),
      about("datasetId", &LogReferences::dataset),
      about("recordId", &LogReferences::record),
      about("skillsetId", &LogReferences::skillset),
      about("abilityId", &LogReferences::ability),
      about("fileId", &LogReferences::file),
      about("secretId", &LogReferences::secret),
      about_nothing("portalId"),
      about("triggerIntegrationId", &LogReferences::trigger),
      shown("meta", ValueKind::object, meta_of),
      timestamp("createdAt", &LogItem::created_at),
      // An entry never changes.
      timestamp("updatedAt", &LogItem::created_at),
  };
  return fields;
}

// What the contract names beside the rest (api-contract.md 2.16), and there is none of.
constexpr std::array nothing_ids{std::string_view{"taskId"},
                                 std::string_view{"portalId"},
                                 std::string_view{"widgetIntegrationId"},
                                 std::string_view{"slackIntegrationId"},
                                 std::string_view{"discordIntegrationId"},
                                 std::string_view{"whatsappIntegrationId"},
                                 std::string_view{"messengerIntegrationId"},
                                 std::string_view{"telegramIntegrationId"},
                                 std::string_view{"twilioIntegrationId"},
                                 std::string_view{"emailIntegrationId"},
                                 std::string_view{"sitemapIntegrationId"},
                                 std::string_view{"notionIntegrationId"},
                                 std::string_view{"supportIntegrationId"},
                                 std::string_view{"extractIntegrationId"},
                                 std::string_view{"mcpserverIntegrationId"}};

// The most telling last (index_reader.h).
const ListRules& log_list() {
  static const ListRules rules = [] {
    FilterRule type = text_filter("type", "type");
    type.takes_many = true;
    ListRules list{
        .kind = "log",
        .filters = {std::move(type), reference_filter<Blueprint>("blueprintId", "blueprint"),
                    reference_filter<Dataset>("datasetId", "dataset"),
                    id_filter<RecordKind>("recordId", "record"),
                    reference_filter<Skillset>("skillsetId", "skillset"),
                    reference_filter<Ability>("abilityId", "ability"),
                    reference_filter<File>("fileId", "file"),
                    reference_filter<Secret>("secretId", "secret"),
                    reference_filter<Bot>("botId", "bot"),
                    reference_filter<Trigger>("triggerIntegrationId", "trigger"),
                    id_filter<ContactKind>("contactId", "contact"),
                    id_filter<ConversationKind>("conversationId", "conversation")}};
    for (const std::string_view name : nothing_ids) {
      list.filters.push_back(filter_of_nothing(name, "trigger"));
    }
    return list;
  }();
  return rules;
}

// JSON Lines whatever Accept says, unless it asks for events.
ListForm form_of(const Call& call) {
  const auto form = choose_list_form(call.request.header("accept"));
  return form && *form == ListForm::server_sent_events ? *form : ListForm::json_lines;
}

}  // namespace

struct EventLogRoutes::Feed {
  AccountKey account;
  View view;
  Permit permit;
  ListForm form = ListForm::json_lines;
  std::unique_ptr<LogWatch::Ticket> ticket;
  std::int64_t after = 0;
  SteadyTime ends_at;
};

EventLogRoutes::EventLogRoutes(Store& store, const Clock& clock, LogWatch& watch)
    : store_(store), clock_(clock), watch_(watch) {}

void EventLogRoutes::add_routes(Routes& routes) {
  const Schema item = reply_schema("EventLogItem", item_fields());
  for (const std::string path : {"/event/log/list", "/event/log/export"}) {
    routes.get(path, [this](Call call) { return list(std::move(call)); })
        .describe({.summary = "What was done, and what happened in runs, newest first",
                   .gives = item,
                   .form = Description::Form::list,
                   .query = list_parameters(log_list())});
  }
  // It only reads.
  routes
      .add(Method::post, "/event/log/subscribe", Scope::read,
           [this](Call call) { return subscribe(std::move(call)); })
      .describe({.summary = "The newest entries, oldest first, and then those to come",
                 .takes = body_schema("EventLogSubscribe", subscription_fields(), Verb::create),
                 .gives = item,
                 .form = Description::Form::lines,
                 .errors = {429}});
}

Task<Response> EventLogRoutes::list(Call call) {
  Result<ListRequest> request = parse_list(log_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  *request = co_await with_aliases_resolved(&store_, std::move(*request));

  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return read_page(query, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> EventLogRoutes::read_page(ListQuery query, Page page, View view) {
  const Result<PageRows<LogItem>> found =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        return rows.log().look(query);
      });
  if (!found) co_return std::unexpected(found.error());

  ListPage rendered{.is_partial = found->is_cut};
  for (const LogItem& item : *found) rendered.items.push_back(render(item_fields(), item, view));
  if (!found->empty()) rendered.last = found->back().id.value;
  co_return rendered;
}

Task<Result<std::int64_t>> EventLogRoutes::start_of_history(AccountKey account,
                                                            std::int64_t length) {
  std::int64_t start =
      co_await store_.read([](const Transaction& rows) { return rows.log().newest(); });
  ListQuery query{.account = account, .page = {.after = start + 1}};
  while (length > 0) {
    const Page page{.after = query.page.after, .take = std::min(length, max_page)};
    const Result<PageRows<LogItem>> found =
        co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
          query.page = left;
          return rows.log().look(query);
        });
    if (!found) co_return std::unexpected(found.error());
    if (found->empty()) break;
    start = found->back().id.value - 1;
    query.page.after = start + 1;
    length -= static_cast<std::int64_t>(found->size());
  }
  co_return start;
}

Task<Response> EventLogRoutes::subscribe(Call call) {
  const Result<Subscription> wanted = read_body(subscription_fields(), call.body);
  if (!wanted) co_return call.reply(wanted.error());

  const auto feed = std::make_shared<Feed>(Feed{.account = call.caller.account,
                                                .view = call.view,
                                                .permit = call.permit,
                                                .form = form_of(call)});
  // Before the first look, so that nothing is missed between it and the first wait.
  feed->ticket = watch_.watch(feed->account, co_await boost::asio::this_coro::executor);
  if (!feed->ticket) {
    const Error full{ErrorCode::too_many_requests,
                     "Too many subscribers of this account's event log", "close one of them first"};
    co_return call.reply(full);
  }
  const Result<std::int64_t> start =
      co_await start_of_history(feed->account, wanted->history_length.value_or(0));
  if (!start) co_return call.reply(start.error());
  feed->after = *start;
  feed->ends_at = clock_.steady_now() + longest_feed;

  Response response{.content_type = content_type_of(feed->form)};
  response.headers.add("x-request-id", call.request_id);
  response.headers.add("cache-control", "no-cache, no-transform");
  response.headers.add("x-accel-buffering", "no");
  response.stream = [this, feed](BodyWriter& writer) { return follow(writer, feed); };
  co_return response;
}

Task<bool> EventLogRoutes::send(BodyWriter writer, std::shared_ptr<Feed> feed, std::string text) {
  Result<void> permitted;
  try {
    permitted = co_await feed->permit.check();
  } catch (const StoreUnavailable&) {
    permitted = fail(ErrorCode::unavailable, "Service unavailable");
  }
  if (!permitted) text = list_failure(feed->form, permitted.error());
  const bool there = co_await writer.write(text);
  if (!permitted) co_return false;
  co_return there;
}

Task<bool> EventLogRoutes::send_new(BodyWriter writer, std::shared_ptr<Feed> feed) {
  while (true) {
    const Page page{.after = feed->after, .order = Order::ascending};
    Result<ListPage> part;
    try {
      part = co_await read_page({.account = feed->account}, page, feed->view);
    } catch (const StoreUnavailable&) {
      part = fail(ErrorCode::unavailable, "Service unavailable");
    }
    if (!part) {
      co_await writer.write(list_failure(feed->form, part.error()));
      co_return false;
    }
    if (part->items.empty()) co_return true;
    std::string text;
    for (const json::object& item : part->items) text += list_line(feed->form, item);
    const bool there = co_await send(writer, feed, std::move(text));
    if (!there) co_return false;
    feed->after = part->last;
  }
}

Task<void> EventLogRoutes::follow(BodyWriter writer, std::shared_ptr<Feed> feed) {
  // The status goes out at once, whether there is an entry or not.
  bool is_there = co_await writer.write(list_nop(feed->form));
  while (is_there) {
    is_there = co_await send_new(writer, feed);
    const SteadyTime now = clock_.steady_now();
    if (!is_there || now >= feed->ends_at || feed->ticket->is_closed()) co_return;
    const Duration left = std::chrono::ceil<Duration>(feed->ends_at - now);
    const bool has_grown = co_await feed->ticket->wait(std::min(longest_silence, left));
    if (!has_grown) is_there = co_await send(writer, feed, list_nop(feed->form));
  }
}

}  // namespace bellpull
