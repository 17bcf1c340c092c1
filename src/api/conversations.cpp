#include "api/conversations.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/answer_once.h"
#include "api/call.h"
#include "api/change.h"
#include "api/contacts.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/messages.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// For what is kept elsewhere.
Result<void> changes_nothing(Conversation& /*conversation*/, const Edit& /*edit*/) { return {}; }

// The contact by id; an object in its place describes one, which is ensured before the conversation
// is kept (see attach_contact).
Field<Conversation> contact_field() {
  Field<Conversation> field = reference<Contact>("contactId", &Conversation::contact);
  field.read = [read = field.read](const json::value& given) -> Result<Assignment<Conversation>> {
    if (!given.is_object()) return read(given);
    if (auto checked = check_contact("contactId", given.get_object()); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    return changes_nothing;
  };
  field.taken_as = either_schema(
      {taken_schema(field.shape, {}, Needed::given), named_schema(contact_body_name)});
  return std::move(field).means(
      "The person or system on the other side: an id, or an object that describes a contact, "
      "which is found or created.");
}

// The same object under its other name, which takes nothing else.
Field<Conversation> described_contact_field() {
  return {.name = "contact",
          .shape = {.kind = ValueKind::object,
                    .about = "Describes a contact, which is found or created."},
          .read = [](const json::value& given) -> Result<Assignment<Conversation>> {
            if (!given.is_object() && !given.is_null()) {
              return fail(ErrorCode::invalid, "contact must be an object",
                          "an id goes into contactId");
            }
            if (given.is_object()) {
              auto checked = check_contact("contact", given.get_object());
              if (!checked) return std::unexpected(std::move(checked.error()));
            }
            return changes_nothing;
          },
          .taken_as = named_schema(contact_body_name)};
}

// Checked with the rest of the body; create() keeps them once the conversation is there.
Field<Conversation> messages_field() {
  return {.name = "messages",
          .shape = {.kind = ValueKind::list, .about = "Its first messages, in order."},
          .read = [](const json::value& given) -> Result<Assignment<Conversation>> {
            if (auto checked = parse_messages(given, {}); !checked) {
              return std::unexpected(std::move(checked.error()));
            }
            return changes_nothing;
          },
          .on_update = false,
          .taken_as = messages_schema()};
}

Fields<Conversation> make_fields() {
  const FieldShape kept_as_given{.kind = ValueKind::reference, .max_bytes = max_reference_bytes};
  Field<Conversation> space = optional_text("spaceId", &Conversation::space, kept_as_given);
  // There are no spaces: what is given is kept, and not shown.
  space.write = [](const Conversation&, const View&) { return json::value(nullptr); };
  return {
      id_field<Conversation>(),
      text("name", &Conversation::name, {.max_bytes = max_name_bytes}),
      text("description", &Conversation::description, {.max_bytes = max_description_bytes}),
      contact_field(),
      described_contact_field(),
      messages_field(),
      optional_text("taskId", &Conversation::task, kept_as_given),
      std::move(space),
      reference<Bot>("botId", &Conversation::bot).means("The bot that answers."),
      optional_text("model", &Conversation::model, {.max_bytes = max_model_bytes})
          .means("Instead of the bot's."),
      optional_text("backstory", &Conversation::backstory, {.max_bytes = max_backstory_bytes})
          .means("Instead of the bot's."),
      reference<Dataset>("datasetId", &Conversation::dataset),
      reference<Skillset>("skillsetId", &Conversation::skillset),
      boolean("privacy", &Conversation::privacy),
      boolean("moderation", &Conversation::moderation),
      optional_time("expiresAt", &Conversation::expires_at),
      meta_field<Conversation>(),
      timestamp("createdAt", &Conversation::created_at),
      timestamp("updatedAt", &Conversation::updated_at),
  };
}

// Kept as given until there are tasks, so compared as text.
FilterRule task_filter() {
  FilterRule rule = text_filter("taskId", "task");
  rule.takes_many = true;
  return rule;
}

ListRules conversation_list() {
  return {.kind = "conversation",
          .filters = {reference_filter<Bot>("botId", "bot"),
                      id_filter<ContactKind>("contactId", "contact"), task_filter()}};
}

// Ensures the contact that the body describes by an object, as `contactId` or as `contact`.
Result<void> attach_contact(Transaction& rows, const Call& call, Conversation& conversation,
                            TimePoint now) {
  for (const std::string_view name : {"contactId", "contact"}) {
    const json::value* given = call.body.if_contains(name);
    if (given == nullptr || !given->is_object()) continue;
    const Result<Contact> contact = ensure_contact(rows, call, given->get_object(), now);
    if (!contact) return std::unexpected(contact.error());
    conversation.contact = contact->id;
    break;
  }
  return {};
}

json::object with_messages(json::object reply, const std::vector<Message>& messages,
                           const View& view) {
  json::array echo;
  for (const Message& one : messages) echo.emplace_back(render(message_fields(), one, view));
  reply["messages"] = std::move(echo);
  return reply;
}

}  // namespace

const Fields<Conversation>& conversation_fields() {
  static const Fields<Conversation> fields = make_fields();
  return fields;
}

Conversations::Conversations(Store& store, const Clock& clock)
    : Endpoints(store, clock, conversation_fields(), conversation_list()) {}

void Conversations::add_routes(Routes& routes) {
  add_to(routes, "/conversation", "conversationId");
  add_list(routes, "/conversation/export");
  add_list(routes, "/contact/{contactId}/conversation/list");
}

// The path may name a contact whose conversations are meant.
Result<void> Conversations::narrow(const Transaction& rows, const Call& call,
                                   ListQuery& query) const {
  const std::string_view contact_id = call.parameter("contactId");
  if (contact_id.empty()) return {};
  const auto contact = find_own<Contact>(rows, call.caller.account, contact_id);
  if (!contact) return std::unexpected(contact.error());
  query.filters.push_back({.field = "contact", .any_of = {contact->id.key.value}});
  return {};
}

Result<void> Conversations::prepare(Transaction& rows, const Call& call,
                                    Conversation& added) const {
  return attach_contact(rows, call, added, added.created_at);
}

Result<void> Conversations::revise(Transaction& rows, const Call& call,
                                   const Conversation& /*before*/, Conversation& after) const {
  return attach_contact(rows, call, after, after.updated_at);
}

// Its messages may be many: they go in the background.
Result<void> Conversations::erase(Transaction& rows, const Call& /*call*/,
                                  const Conversation& found, TimePoint /*now*/) const {
  rows.conversations().remove(found.id.key);
  rows.start_job(found.account, JobKind::remove_messages, found.id.key.value);
  return {};
}

Schema Conversations::created_schema() const {
  json::object schema =
      object_schema({{"id", text_schema()}, {"messages", array_schema(named_schema("Message"))}});
  schema["required"] = json::array{"id"};  // messages only where the body had some
  return {"ConversationCreated", std::move(schema)};
}

Task<Response> Conversations::create(Call call) {
  const json::value* given = call.body.if_contains("messages");
  if (given == nullptr || given->is_null()) co_return co_await Endpoints::create(std::move(call));
  const auto change = Change<Conversation>::parse(fields(), call.body, Verb::create);
  if (!change) co_return call.reply(change.error());

  const TimePoint now = clock_.now();
  const Result<json::object> answer = co_await store_.transact([&](Transaction& rows) {
    return answer_once(rows, call, [&]() -> Result<json::object> {
      auto messages = parse_messages(*given, now);
      if (!messages) return std::unexpected(std::move(messages.error()));
      const Result<Conversation> conversation = add(rows, call, *change, now);
      if (!conversation) return std::unexpected(conversation.error());
      for (Message& message : *messages) {
        rows.messages().add(conversation->id.key, message);
        log_message(rows, call, *conversation, message.id, "create", now);
      }
      return with_messages(id_of(*conversation), *messages, call.view);
    });
  });
  if (!answer) co_return call.reply(answer.error());
  co_return call.reply(*answer);
}

}  // namespace bellpull
