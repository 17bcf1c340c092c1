#include "api/contacts.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/noun.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

constexpr std::size_t min_fingerprint_bytes = 16;
constexpr std::size_t fingerprint_random_bytes = 16;

Result<std::string> read_fingerprint(std::string_view name, const FieldShape& shape,
                                     const boost::json::value& given) {
  const auto text = read_optional_text(name, shape, given);
  if (!text) return std::unexpected(text.error());
  std::string fingerprint = text->value_or("");
  if (!fingerprint.empty() && fingerprint.size() < min_fingerprint_bytes) {
    return fail(ErrorCode::invalid, std::string{name} + " must be at least 16 bytes");
  }
  return fingerprint;
}

Result<std::optional<std::string>> read_email(std::string_view name, const FieldShape& shape,
                                              const boost::json::value& given) {
  auto text = read_optional_text(name, shape, given);
  if (!text) return text;
  const std::optional<std::string>& email = *text;
  if (email && !looks_like_email(*email)) {
    return fail(ErrorCode::invalid, std::string{name} + " must be an e-mail address");
  }
  return text;
}

Result<std::optional<std::string>> read_phone(std::string_view name, const FieldShape& shape,
                                              const boost::json::value& given) {
  auto text = read_optional_text(name, shape, given);
  if (!text) return text;
  std::optional<std::string>& phone = *text;
  if (phone) phone = normalise_phone(*phone);
  return text;
}

Fields<Contact> contact_fields() {
  const FieldShape short_text{.max_bytes = max_name_bytes};
  const FieldShape short_or_null{.nullable = true, .max_bytes = max_name_bytes};
  const std::string_view fingerprint_about =
      "What identifies the contact: unique in the account, of at least 16 bytes; made by the "
      "server where none is given.";
  return {
      id_field<Contact>(),
      text("name", &Contact::name, short_text),
      text("description", &Contact::description, {.max_bytes = max_description_bytes}),
      member_field("fingerprint", short_text, &Contact::fingerprint, read_fingerprint, write_text)
          .means(fingerprint_about),
      member_field("email", short_or_null, &Contact::email, read_email, write_optional_text),
      member_field("phone", short_or_null, &Contact::phone, read_phone, write_optional_text),
      optional_text("nick", &Contact::nick, short_text),
      optional_text("preferences", &Contact::preferences, {.max_bytes = max_description_bytes}),
      optional_time("verifiedAt", &Contact::verified_at).means("When the identity was verified."),
      meta_field<Contact>(),
      timestamp("createdAt", &Contact::created_at),
      timestamp("updatedAt", &Contact::updated_at),
  };
}

ListRules contact_list() {
  return {.kind = "contact",
          .filters = {text_filter("email", "email", email_key),
                      text_filter("phone", "phone", normalise_phone),
                      text_filter("fingerprint", "fingerprint")}};
}

// One of these is needed.
Schema ensured_schema() {
  Schema schema = body_schema(std::string{contact_body_name}, contact_fields(), Verb::create);
  boost::json::array ways;
  for (const std::string_view name : {"fingerprint", "email", "phone", "nick", "name"}) {
    ways.emplace_back(boost::json::object{{"required", boost::json::array{name}}});
  }
  schema.schema["anyOf"] = std::move(ways);
  return schema;
}

// Of the parts of a contact that are not built: lists that are always empty.
Schema nothing_schema() { return {"Nothing", open_object_schema()}; }

ListRules nothing_list() { return {.kind = "nothing"}; }

std::optional<Contact> find_by(const Transaction& rows, AccountKey account, std::string_view field,
                               std::string value) {
  const ListQuery query{.account = account,
                        .page = {.take = 1, .order = Order::ascending},
                        .filters = {{.field = std::string{field}, .any_of = {std::move(value)}}}};
  std::vector<Contact> found = rows.contacts().list(query);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

// The contact that took over what one was known by that was merged into it.
std::optional<Contact> find_merged(const Transaction& rows, AccountKey account,
                                   const std::string& identity) {
  const auto key = rows.contact_records().find_identity(account, identity);
  return key ? rows.contacts().find(*key) : std::nullopt;
}

// The same for the same values, so that two who describe one contact mean one.
std::string derived_fingerprint(const Contact& contact) {
  const std::string described = contact.email.value_or("") + "\n" + contact.phone.value_or("") +
                                "\n" + contact.name + "\n" + contact.nick.value_or("");
  return "ensure:" + to_hex(digest_of(described));
}

std::optional<Contact> find_described(const Transaction& rows, const Contact& wanted,
                                      bool is_trusted) {
  const auto known_by = [&](std::string_view field, const std::string& value) {
    auto found = find_by(rows, wanted.account, field, value);
    return found ? found : find_merged(rows, wanted.account, std::string{field} + ":" + value);
  };
  if (is_trusted) return known_by("fingerprint", wanted.fingerprint);
  if (wanted.email) {
    if (auto found = known_by("email", email_key(*wanted.email))) return found;
  }
  if (wanted.phone) {
    if (auto found = known_by("phone", *wanted.phone)) return found;
  }
  return known_by("fingerprint", derived_fingerprint(wanted));
}

}  // namespace

Result<Contact> ensure_contact(Transaction& rows, const Call& call, const boost::json::object& body,
                               TimePoint now) {
  const AccountKey account = call.caller.account;
  static const Fields<Contact> fields = contact_fields();
  const auto change = Change<Contact>::parse(fields, body, Verb::create);
  if (!change) return std::unexpected(change.error());
  Contact wanted{.account = account, .created_at = now, .updated_at = now};
  if (auto applied = change->apply(wanted, Edit{&rows, account}); !applied) {
    return std::unexpected(applied.error());
  }
  const bool is_trusted = !wanted.fingerprint.empty();
  if (!is_trusted && !wanted.email && !wanted.phone && !wanted.nick && wanted.name.empty()) {
    return fail(ErrorCode::invalid, "a contact needs a fingerprint, email, phone, name or nick");
  }
  if (auto found = find_described(rows, wanted, is_trusted)) return std::move(*found);

  if (!is_trusted) {
    wanted.fingerprint = derived_fingerprint(wanted);
    wanted.verified_at.reset();
  } else if (!wanted.verified_at) {
    wanted.verified_at = now;
  }
  if (auto added = rows.contacts().add(wanted); !added) return std::unexpected(added.error());
  log_change(rows, call, wanted, "create", now, {.fields = change->names()});
  return wanted;
}

Result<void> check_contact(std::string_view name, const boost::json::object& body) {
  static const Fields<Contact> fields = contact_fields();
  const auto change = Change<Contact>::parse(fields, body, Verb::create);
  if (change) return {};
  return fail(change.error().code, std::string{name} + ": " + change.error().message,
              change.error().hint);
}

Schema contact_schema() {
  static const Fields<Contact> fields = contact_fields();
  return body_schema("ContactDescribed", fields, Verb::create);
}

Contacts::Contacts(Store& store, const Clock& clock, Random& random)
    : Endpoints(store, clock, contact_fields(), contact_list()), random_(random) {}

void Contacts::add_routes(Routes& routes) {
  add_to(routes, "/contact", "contactId");
  routes.post("/contact/ensure", [this](Call call) { return ensure(std::move(call)); })
      .describe({.summary = "Finds a contact or creates it",
                 .takes = ensured_schema(),
                 .gives = id_schema(),
                 .about = "By its fingerprint if one is given, else by e-mail, else by phone, else "
                          "by all that is given. One that is there stays as it is."});
  add_list(routes, "/contact/export");
  // What belongs to a contact, but is not built yet.
  for (const std::string what : {"task", "space", "memory", "rating"}) {
    routes
        .get("/contact/{contactId}/" + what + "/list",
             [this](Call call) { return list_nothing(std::move(call)); })
        .describe({.summary = "Lists a contact's " + plural(what),
                   .gives = nothing_schema(),
                   .form = Description::Form::list,
                   .query = list_parameters(nothing_list()),
                   .about = "There are none yet: the list is empty."});
  }
  routes
      .post("/contact/{contactId}/memory/search",
            [this](Call call) { return list_nothing(std::move(call)); })
      .describe({.summary = "Searches what bots remember of a contact",
                 .gives = nothing_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(nothing_list()),
                 .about = "Bots remember nothing yet: the result is empty."});
}

Result<void> Contacts::prepare(Transaction& /*rows*/, const Call& /*call*/, Contact& added) const {
  if (added.fingerprint.empty()) added.fingerprint = random_.hex(fingerprint_random_bytes);
  return {};
}

// A contact always has a fingerprint: clearing it keeps the one there is.
Result<void> Contacts::revise(Transaction& /*rows*/, const Call& /*call*/, const Contact& before,
                              Contact& after) const {
  if (after.fingerprint.empty()) after.fingerprint = before.fingerprint;
  return {};
}

// Whoever it was, nobody may act with its credentials any more.
Result<void> Contacts::erase(Transaction& rows, const Call& /*call*/, const Contact& found,
                             TimePoint /*now*/) const {
  rows.contacts().remove(found.id.key);
  rows.start_job(found.account, JobKind::remove_values_of_contact, found.id.key.value);
  return {};
}

Task<Response> Contacts::ensure(Call call) {
  const TimePoint now = clock_.now();
  const Result<Contact> contact = co_await store_.transact(
      [&](Transaction& rows) { return ensure_contact(rows, call, call.body, now); });
  if (!contact) co_return call.reply(contact.error());
  co_return call.reply(id_of(*contact));
}

Task<Response> Contacts::list_nothing(Call call) {
  Result<ListRequest> request = parse_list(nothing_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  const Result<Contact> found =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!found) co_return call.reply(found.error());
  ReadPage read = [](const Page&) { return no_items(); };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

}  // namespace bellpull
