#include "api/contact_work.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/contacts.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/contact_records.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t max_counted = 10'000;

// What an erasure leaves, so that nobody has to guess.
json::array what_remains() {
  return {
      "that events and runs took place, with their times, states and token counts",
      "event log entries with the contact's id, until they are too old; never its name",
      "usage counts",
      "events that never met it and named it by an e-mail or phone that it no longer had",
      "digests of Idempotency-Keys, and sealed answers to calls that had one, until they expire",
      "filters of jobs over events, where somebody searched for it",
      "backups, and pages of the database files until they are written again",
      "meta values of its conversations in index.db, until that file is built again"};
}

struct Merge {
  std::string from;
  std::string into;
};

const Fields<Merge>& merge_fields() {
  const FieldShape id{.max_bytes = max_reference_bytes};
  static const Fields<Merge> fields{text("fromId", &Merge::from, id).needed(Needed::filled),
                                    text("intoId", &Merge::into, id).needed(Needed::filled)};
  return fields;
}

struct EraseRequest {
  bool dry_run = false;
};

const Fields<EraseRequest>& erase_fields() {
  static const Fields<EraseRequest> fields{boolean("dryRun", &EraseRequest::dry_run)};
  return fields;
}

Result<Contact> find_contact(const Transaction& rows, const Call& call, std::string_view text) {
  return find_own<Contact>(rows, call.caller.account, text);
}

Result<void> refuse_erased(const Transaction& rows, const Contact& contact) {
  if (!rows.contact_records().find_erasure(contact.id)) return {};
  return fail(ErrorCode::conflict, "The contact is being erased");
}

// The erasure outlasts its contact.
Result<Erasure> find_erasure(const Transaction& rows, const Call& call) {
  const std::string_view text = call.parameter("contactId");
  const auto id = ContactId::parse(text);
  if (auto erasure = id ? rows.contact_records().find_erasure(*id) : std::nullopt) {
    if (erasure->account != call.caller.account) return not_authorized();
    return *erasure;
  }
  const Result<Contact> contact = find_contact(rows, call, text);
  if (!contact) return std::unexpected(contact.error());
  return not_found("Erasure");
}

// Whether the first of the two has become the second one already: then there is nothing to do.
bool is_merged(const Transaction& rows, const Merge& merge, const Contact& into) {
  const auto from = ContactId::parse(merge.from);
  return from && rows.contact_records().merged_into(from->key) == into.id.key;
}

Result<Contact> merge_contacts(Transaction& rows, const Call& call, const Merge& merge,
                               TimePoint now) {
  Result<Contact> into = find_contact(rows, call, merge.into);
  if (!into || is_merged(rows, merge, *into)) return into;
  const Result<Contact> from = find_contact(rows, call, merge.from);
  if (!from) return from;
  if (from->id == into->id) {
    return fail(ErrorCode::invalid, "fromId and intoId must be two contacts");
  }
  for (const Contact* one : {&from.value(), &std::as_const(into).value()}) {
    if (auto kept = refuse_erased(rows, *one); !kept) return std::unexpected(kept.error());
    if (rows.contact_records().merged_into(one->id.key)) {
      return fail(ErrorCode::conflict, "The contact is being merged into another");
    }
  }
  if (auto merged = rows.contact_records().merge(*from, *into, now); !merged) {
    return std::unexpected(merged.error());
  }
  log_change(rows, call, *into, "merge", now);
  return into;
}

json::object reply_of(const Erasure& erasure, const Call& call) {
  return {{"id", erasure.contact.text()},
          {"state", erasure.finished_at ? "done" : "running"},
          {"progress", erasure.progress},
          {"conversations", erasure.conversations},
          {"messages", erasure.messages},
          {"events", erasure.events},
          {"steps", erasure.steps},
          {"startedAt", call.view.time(erasure.started_at)},
          {"finishedAt", call.view.time(erasure.finished_at)},
          {"remains", what_remains()}};
}

Schema erasure_schema() {
  const json::object number = whole_number_schema();
  return {"ContactErasure", object_schema({{"id", text_schema()},
                                           {"state", text_schema()},
                                           {"progress", {{"type", "number"}}},
                                           {"conversations", number},
                                           {"messages", number},
                                           {"events", number},
                                           {"steps", number},
                                           {"startedAt", time_schema()},
                                           {"finishedAt", or_null(time_schema())},
                                           {"remains", array_schema(text_schema())}})};
}

Schema erase_reply_schema() {
  const json::object dry_run = object_schema({{"id", text_schema()},
                                              {"dryRun", {{"type", "boolean"}, {"const", true}}},
                                              {"conversations", whole_number_schema()},
                                              {"remains", array_schema(text_schema())}});
  return {"ContactEraseReply", either_schema({named_schema(erasure_schema().name), dry_run})};
}

}  // namespace

ContactWork::ContactWork(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

void ContactWork::add_routes(Routes& routes) {
  routes.post("/contact/merge", [this](Call call) { return merge(std::move(call)); })
      .describe({.summary = "Makes two contacts one: the first becomes the second",
                 .takes = body_schema("ContactMerge", merge_fields(), Verb::create),
                 .gives = id_schema(),
                 .errors = {404, 409}});
  routes.post("/contact/{contactId}/erase", [this](Call call) { return erase(std::move(call)); })
      .describe({.summary = "Erases a contact with its conversations and its events' contents",
                 .takes = body_schema("ContactErase", erase_fields(), Verb::create),
                 .gives = erase_reply_schema(),
                 .errors = {409}});
  routes
      .get("/contact/{contactId}/erase/fetch",
           [this](Call call) { return fetch_erasure(std::move(call)); })
      .describe(
          {.summary = "How far an erasure is, and what it erased", .gives = erasure_schema()});
  routes
      .post("/conversation/{conversationId}/contact/upsert",
            [this](Call call) { return upsert(std::move(call)); })
      .describe({.summary = "The conversation's contact, or the one described, which it gets",
                 .takes = contact_schema(),
                 .gives = id_schema()});
}

Task<Response> ContactWork::merge(Call call) {
  const Result<Merge> wanted = read_body(merge_fields(), call.body);
  if (!wanted) co_return call.reply(wanted.error());

  const TimePoint now = clock_.now();
  const Result<Contact> merged = co_await store_.transact(
      [&](Transaction& rows) { return merge_contacts(rows, call, *wanted, now); });
  if (!merged) co_return call.reply(merged.error());
  co_return call.reply(json::object{{"id", merged->id.text()}});
}

Task<Result<std::int64_t>> ContactWork::count_conversations(Contact contact) {
  std::int64_t count = 0;
  Page page;
  while (count < max_counted) {
    ListQuery query{.account = contact.account,
                    .filters = {{.field = "contact", .any_of = {contact.id.key.value}}}};
    const Result<PageRows<Conversation>> found =
        co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
          query.page = left;
          return rows.conversations().look(query);
        });
    if (!found) co_return std::unexpected(found.error());
    if (found->empty()) break;
    count += static_cast<std::int64_t>(found->size());
    page.after = found->back().id.key.value;
  }
  co_return count;
}

Task<Response> ContactWork::erase(Call call) {
  const Result<EraseRequest> wanted = read_body(erase_fields(), call.body);
  if (!wanted) co_return call.reply(wanted.error());

  if (wanted->dry_run) {
    const Result<Contact> contact = co_await store_.read([&](const Transaction& rows) {
      return find_contact(rows, call, call.parameter("contactId"));
    });
    if (!contact) co_return call.reply(contact.error());
    const Result<std::int64_t> conversations = co_await count_conversations(*contact);
    if (!conversations) co_return call.reply(conversations.error());
    co_return call.reply(json::object{{"id", contact->id.text()},
                                      {"dryRun", true},
                                      {"conversations", *conversations},
                                      {"remains", what_remains()}});
  }

  const TimePoint now = clock_.now();
  const Result<Erasure> erasure =
      co_await store_.transact([&](Transaction& rows) -> Result<Erasure> {
        const Result<Contact> contact = find_contact(rows, call, call.parameter("contactId"));
        if (!contact) return std::unexpected(contact.error());
        if (auto begun = rows.contact_records().find_erasure(contact->id)) return *begun;
        if (rows.contact_records().merged_into(contact->id.key)) {
          return fail(ErrorCode::conflict, "The contact is being merged into another",
                      "erase that one");
        }
        log_change(rows, call, *contact, "erase", now);
        if (auto begun = rows.contact_records().erase(*contact, now); !begun) {
          return std::unexpected(begun.error());
        }
        return Erasure{.contact = contact->id, .started_at = now};
      });
  if (!erasure) co_return call.reply(erasure.error());
  co_return call.reply(reply_of(*erasure, call));
}

Task<Response> ContactWork::fetch_erasure(Call call) {
  const Result<Erasure> erasure =
      co_await store_.read([&](const Transaction& rows) { return find_erasure(rows, call); });
  if (!erasure) co_return call.reply(erasure.error());
  co_return call.reply(reply_of(*erasure, call));
}

Task<Response> ContactWork::upsert(Call call) {
  const TimePoint now = clock_.now();
  const Result<ContactId> contact =
      co_await store_.transact([&](Transaction& rows) -> Result<ContactId> {
        Result<Conversation> conversation =
            find_own<Conversation>(rows, call.caller.account, call.parameter("conversationId"));
        if (!conversation) return std::unexpected(conversation.error());
        if (conversation->contact) return *conversation->contact;
        const Result<Contact> ensured = ensure_contact(rows, call, call.body, now);
        if (!ensured) return std::unexpected(ensured.error());
        conversation->contact = ensured->id;
        conversation->updated_at = now;
        if (auto kept = rows.conversations().update(*conversation); !kept) {
          return std::unexpected(kept.error());
        }
        log_change(rows, call, *conversation, "update", now, {.fields = {"contactId"}});
        return ensured->id;
      });
  if (!contact) co_return call.reply(contact.error());
  co_return call.reply(json::object{{"id", contact->text()}});
}

}  // namespace bellpull
