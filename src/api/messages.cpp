#include "api/messages.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/answer_once.h"
#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/meta.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// An event's payload always fits into a message.
constexpr std::size_t max_text_bytes = std::size_t{1024} * 1024;
// Of one body; each is an insert of its transaction.
constexpr std::size_t max_messages = 1000;
// Of those that are wrong, so many are told of.
constexpr std::size_t max_wrong_messages = 10;

// The parts of an activity that must be there: what was called, and in which role.
Result<void> check_activity(const Message& message) {
  if (message.type != MessageType::activity) return {};
  const json::object meta = parse_stored(message.meta);
  const json::value* activity = meta.if_contains("activity");
  if (activity == nullptr || !activity->is_object()) {
    return fail(ErrorCode::invalid, "meta.activity must be an object in an activity message");
  }
  const json::value* type = activity->get_object().if_contains("type");
  const bool known = type != nullptr && type->is_string() &&
                     (type->get_string() == "trigger" || type->get_string() == "request" ||
                      type->get_string() == "response");
  if (!known) {
    return fail(ErrorCode::invalid,
                R"(meta.activity.type must be "trigger", "request" or "response")");
  }
  const json::value* function = activity->get_object().if_contains("function");
  const json::value* name = function != nullptr && function->is_object()
                                ? function->get_object().if_contains("name")
                                : nullptr;
  if (name == nullptr || !name->is_string() || name->get_string().empty()) {
    return fail(ErrorCode::invalid, "meta.activity.function.name must be a string");
  }
  return {};
}

Result<Conversation> conversation_of(const Transaction& rows, const Call& call) {
  return find_own<Conversation>(rows, call.caller.account, call.parameter("conversationId"));
}

// A message of another conversation is not found here.
Result<Message> message_of(const Transaction& rows, const Call& call) {
  const Result<Conversation> conversation = conversation_of(rows, call);
  if (!conversation) return std::unexpected(conversation.error());
  const auto id = MessageId::parse(call.parameter("messageId"));
  if (!id || id->conversation != conversation->id.key) return not_found("Message");
  std::optional<Message> message = rows.messages().find(*id);
  if (!message) return not_found("Message");
  return std::move(*message);
}

// A message refers to nothing, so it needs no rows.
Result<Message> make_message(const Change<Message>& change, TimePoint now) {
  Message message{.created_at = now, .updated_at = now};
  auto done = change.apply(message, Edit{});
  if (done) done = check_activity(message);
  if (!done) return std::unexpected(std::move(done.error()));
  return message;
}

Result<Message> parse_message(const json::value& given, TimePoint now) {
  if (!given.is_object()) return fail(ErrorCode::invalid, "must be an object");
  const auto change = Change<Message>::parse(message_fields(), given.get_object(), Verb::create);
  if (!change) return std::unexpected(change.error());
  return make_message(*change, now);
}

// A message's meta may be made from a step, so no store can compare it.
PagePart<Message> look(const MessageStore& messages, ConversationKey conversation,
                       const std::vector<MetaFilter>& filters, const Page& page) {
  if (filters.empty()) return messages.look(conversation, page);
  PagePart<Message> passed =
      messages.look(conversation, {.after = page.after, .order = page.order});
  PagePart<Message> part;
  const bool has_more = std::ssize(passed.rows) == max_page || passed.bytes >= max_page_bytes;
  if (has_more) part.passed = passed.rows.back().id.number;
  for (Message& message : passed.rows) {
    const json::object meta = parse_stored(message.meta);
    const bool is_meant = std::ranges::all_of(filters, [&](const MetaFilter& filter) {
      return meta_text(meta, filter.path) == filter.value;
    });
    if (!is_meant) continue;
    part.bytes += message.text.size() + message.description.size() + message.meta.size();
    part.rows.push_back(std::move(message));
    if (std::ssize(part.rows) == page.take || part.bytes >= page.bytes) break;
  }
  return part;
}

// Oldest first, unlike other lists: that is how a conversation is read.
ListRules message_list() { return {.kind = "message", .order = Order::ascending}; }

json::object id_of(const Message& message) { return {{"id", message.id.text()}}; }

}  // namespace

const Fields<Message>& message_fields() {
  static const Fields<Message> fields{
      id_field<Message>(),
      choice("type", &Message::type,
             {"user", "bot", "reasoning", "context", "instruction", "backstory", "activity",
              "checkpoint"})
          .needed(Needed::filled)
          .means("Who says it, or what it is; an activity has meta.activity with type and function "
                 "name."),
      text("text", &Message::text, {.max_bytes = max_text_bytes}).needed(Needed::given),
      text("name", &Message::name, {.max_bytes = max_name_bytes}),
      text("description", &Message::description, {.max_bytes = max_description_bytes}),
      meta_field<Message>(),
      timestamp("createdAt", &Message::created_at),
      timestamp("updatedAt", &Message::updated_at),
  };
  return fields;
}

Result<std::vector<Message>> parse_messages(const json::value& given, TimePoint now) {
  if (given.is_null()) return std::vector<Message>{};
  if (!given.is_array()) return fail(ErrorCode::invalid, "messages must be a list");
  const json::array& items = given.get_array();
  if (items.size() > max_messages) {
    return fail(ErrorCode::invalid, fmt::format("messages must be at most {}", max_messages));
  }
  std::vector<Message> messages;
  Problems problems;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < items.size() && wrong < max_wrong_messages; ++i) {
    Result<Message> message = parse_message(items[i], now);
    if (message) {
      messages.push_back(std::move(*message));
      continue;
    }
    ++wrong;
    const Error& error = message.error();
    problems.add({error.code, fmt::format("messages[{}]: {}", i, error.message), error.hint});
  }
  if (!problems.empty()) return std::unexpected(problems.error());
  return messages;
}

json::object messages_schema() {
  json::object schema = array_schema(body_schema("", message_fields(), Verb::create).schema);
  schema["maxItems"] = max_messages;
  return schema;
}

Messages::Messages(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

void Messages::add_routes(Routes& routes) {
  const std::string base = "/conversation/{conversationId}/message";
  const std::string one = base + "/{messageId}";
  routes.post(base + "/create", [this](Call call) { return create(std::move(call)); })
      .describe({.summary = "Adds a message to a conversation",
                 .takes = body_schema("MessageCreate", message_fields(), Verb::create),
                 .gives = {"MessageCreated",
                           object_schema({{"id", text_schema()},
                                          {"entities", array_schema(open_object_schema())}})},
                 .about = "Nothing is started by it. Its id and number are the next ones of its "
                          "conversation."});
  routes.get(base + "/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists the messages of a conversation",
                 .gives = reply_schema("Message", message_fields()),
                 .form = Description::Form::list,
                 .query = list_parameters(message_list())});
  routes.get(one + "/fetch", [this](Call call) { return fetch(std::move(call)); })
      .describe(
          {.summary = "Fetches a message", .gives = reply_schema("Message", message_fields())});
  routes.post(one + "/update", [this](Call call) { return update(std::move(call)); })
      .describe({.summary = "Changes a message",
                 .takes = body_schema("MessageUpdate", message_fields(), Verb::update),
                 .gives = id_schema()});
  routes.post(one + "/delete", [this](Call call) { return remove(std::move(call)); })
      .describe({.summary = "Deletes a message", .gives = id_schema()});
}

Task<Response> Messages::create(Call call) {
  const auto change = Change<Message>::parse(message_fields(), call.body, Verb::create);
  if (!change) co_return call.reply(change.error());

  const TimePoint now = clock_.now();
  const Result<json::object> answer = co_await store_.transact([&](Transaction& rows) {
    return answer_once(rows, call, [&]() -> Result<json::object> {
      Result<Conversation> conversation = conversation_of(rows, call);
      if (!conversation) return std::unexpected(conversation.error());
      Result<Message> message = make_message(*change, now);
      if (!message) return std::unexpected(message.error());
      rows.messages().add(conversation->id.key, *message);
      log_message(rows, call, *conversation, message->id, "create", now);
      conversation->updated_at = now;
      if (auto kept = rows.conversations().update(*conversation); !kept) {
        return std::unexpected(kept.error());
      }
      json::object reply = id_of(*message);
      reply["entities"] = json::array{};  // nothing detects personal data yet
      return reply;
    });
  });
  if (!answer) co_return call.reply(answer.error());
  co_return call.reply(*answer);
}

Task<Response> Messages::list(Call call) {
  Result<ListRequest> request = parse_list(message_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());

  const Result<Conversation> conversation =
      co_await store_.read([&](const Transaction& rows) { return conversation_of(rows, call); });
  if (!conversation) co_return call.reply(conversation.error());

  ReadPage read = [this, key = conversation->id.key, meta = request->query.meta,
                   view = call.view](const Page& page) { return read_page(key, meta, page, view); };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Response> Messages::fetch(Call call) {
  const Result<Message> found =
      co_await store_.read([&](const Transaction& rows) { return message_of(rows, call); });
  if (!found) co_return call.reply(found.error());

  co_return call.reply(render(message_fields(), *found, call.view));
}

Task<Response> Messages::update(Call call) {
  const auto change = Change<Message>::parse(message_fields(), call.body, Verb::update);
  if (!change) co_return call.reply(change.error());

  const TimePoint now = clock_.now();
  const Result<Message> changed =
      co_await store_.transact([&](Transaction& rows) -> Result<Message> {
        Result<Message> message = message_of(rows, call);
        if (!message) return message;
        auto done = change->apply(*message, Edit{&rows, call.caller.account});
        if (done) done = check_activity(*message);
        if (!done) return std::unexpected(std::move(done.error()));
        message->updated_at = now;
        if (!rows.messages().update(*message)) return not_found("Message");
        log_message(rows, call, *conversation_of(rows, call), message->id, "update", now);
        return message;
      });
  if (!changed) co_return call.reply(changed.error());

  co_return call.reply(id_of(*changed));
}

Task<Response> Messages::remove(Call call) {
  const TimePoint now = clock_.now();
  const Result<Message> removed =
      co_await store_.transact([&](Transaction& rows) -> Result<Message> {
        Result<Message> message = message_of(rows, call);
        if (!message) return message;
        rows.messages().remove(message->id);
        log_message(rows, call, *conversation_of(rows, call), message->id, "delete", now);
        return message;
      });
  if (!removed) co_return call.reply(removed.error());

  co_return call.reply(id_of(*removed));
}

Task<Result<ListPage>> Messages::read_page(ConversationKey conversation,
                                           std::vector<MetaFilter> meta, Page page, View view) {
  const Result<PageRows<Message>> found =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        return look(rows.messages(), conversation, meta, left);
      });
  if (!found) co_return std::unexpected(found.error());

  ListPage rendered{.is_partial = found->is_cut};
  for (const Message& one : *found) rendered.items.push_back(render(message_fields(), one, view));
  if (!found->empty()) rendered.last = found->back().id.number;
  co_return rendered;
}

}  // namespace bellpull
