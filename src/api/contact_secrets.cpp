#include "api/contact_secrets.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

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
#include "api/secrets.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "domain/secret.h"
#include "http/response.h"
#include "secret/sealed_secret.h"
#include "store/list.h"
#include "store/personal_value.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What the path names, and the value that there is.
struct Found {
  Contact contact;
  Secret secret;
  std::optional<PersonalSecret> value;
};

Result<Found> find_both(const Transaction& rows, const Call& call) {
  auto contact = find_own<Contact>(rows, call.caller.account, call.parameter("contactId"));
  if (!contact) return std::unexpected(std::move(contact.error()));
  auto secret = find_own<Secret>(rows, call.caller.account, call.parameter("secretId"));
  if (!secret) return std::unexpected(std::move(secret.error()));
  if (secret->kind != SecretUse::personal) {
    return fail(ErrorCode::conflict, "A shared secret has one value, not one for each contact",
                "ask secret/" + secret->id.text() + " itself, or make its kind personal");
  }
  auto value = find_personal_value(rows, *secret, contact->id.key);
  return Found{std::move(*contact), std::move(*secret), std::move(value)};
}

// What was done to a contact's value stands in the log under the secret.
void log_value(Transaction& rows, const Call& call, const Found& found, std::string_view verb,
               TimePoint now) {
  LogItem item{.type = log_type<Secret>(verb),
               .name = found.secret.name,
               .about = references_of(found.secret),
               .created_at = now};
  item.about.contact = found.contact.id;
  log_item(rows, call, std::move(item), {});
}

struct GivenValue {
  std::string value;
};

Fields<GivenValue> given_value_fields() {
  return {
      text("value", &GivenValue::value, {.max_bytes = max_secret_bytes}).needed(Needed::filled)};
}

// An item of the list: the secret, with the times of the contact's value.
struct ContactSecret {
  SecretId id;
  std::string name;
  std::string description;
  SecretType type = SecretType::plain;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

const Fields<ContactSecret>& item_fields() {
  static const Fields<ContactSecret> fields{
      id_field<ContactSecret>(),
      text("name", &ContactSecret::name),
      text("description", &ContactSecret::description),
      secret_type_field<ContactSecret>(),
      meta_field<ContactSecret>(),
      timestamp("createdAt", &ContactSecret::created_at),
      timestamp("updatedAt", &ContactSecret::updated_at),
  };
  return fields;
}

ListRules contact_secret_list() { return {.kind = "contact secret", .has_meta = false}; }

struct Row {
  ContactSecret item;
  PersonalSecretKey key;
};

PagePart<Row> look_at(const Transaction& rows, const ListQuery& query) {
  const PagePart<PersonalSecret> part = rows.personal_secrets().look(query);
  PagePart<Row> found{.rows = {}, .passed = part.passed};
  for (const PersonalSecret& value : part.rows) {
    const auto secret = rows.secrets().find(value.secret);
    if (!secret) continue;
    found.rows.push_back({.item = {.id = secret->id,
                                   .name = secret->name,
                                   .description = secret->description,
                                   .type = secret->type,
                                   .meta = secret->meta,
                                   .created_at = value.created_at,
                                   .updated_at = value.updated_at},
                          .key = value.id.key});
  }
  return found;
}

json::object id_of(const Secret& secret) { return {{"id", secret.id.text()}}; }

}  // namespace

void ContactSecrets::add_routes(Routes& routes) {
  const std::string base = "/contact/{contactId}/secret";
  const std::string one = base + "/{secretId}";
  routes.get(base + "/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists the personal secrets that a contact has a value of",
                 .gives = reply_schema("ContactSecret", item_fields()),
                 .form = Description::Form::list,
                 .query = list_parameters(contact_secret_list())});
  routes.post(one + "/update", [this](Call call) { return update(std::move(call)); })
      .describe({.summary = "Sets a contact's value of a personal secret",
                 .takes = body_schema("ContactSecretUpdate", given_value_fields(), Verb::create),
                 .gives = id_schema(),
                 .errors = {409}});
  routes.post(one + "/verify", [this](Call call) { return verify(std::move(call)); })
      .describe({.summary = "Tells whether a personal secret can be used for a contact",
                 .gives = verified_schema(),
                 .errors = {409}});
  routes.post(one + "/revoke", [this](Call call) { return revoke(std::move(call)); })
      .describe({.summary = "Removes a contact's value of a personal secret",
                 .gives = id_schema(),
                 .errors = {409}});
  routes.post(one + "/authenticate", [this](Call call) { return authenticate(std::move(call)); })
      .describe({.summary = "Gives the page at which a contact authenticates",
                 .gives = authentication_schema(),
                 .errors = {409, 501}});
}

Task<Response> ContactSecrets::list(Call call) {
  Result<ListRequest> request =
      parse_list(contact_secret_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  const Result<Contact> contact = co_await store_.read([&](const Transaction& rows) {
    return find_own<Contact>(rows, call.caller.account, call.parameter("contactId"));
  });
  if (!contact) co_return call.reply(contact.error());
  request->query.filters.push_back({.field = "contact", .any_of = {contact->id.key.value}});
  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return read_page(query, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> ContactSecrets::read_page(ListQuery query, Page page, View view) {
  const Result<PageRows<Row>> found =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        return look_at(rows, query);
      });
  if (!found) co_return std::unexpected(found.error());
  ListPage rendered{.is_partial = found->is_cut};
  for (const Row& row : *found) rendered.items.push_back(render(item_fields(), row.item, view));
  if (!found->empty()) rendered.last = found->back().key.value;
  co_return rendered;
}

Task<Response> ContactSecrets::update(Call call) {
  const auto given = read_body(given_value_fields(), call.body);
  if (!given) co_return call.reply(given.error());
  const TimePoint now = clock_.now();
  const Result<Secret> changed = co_await store_.transact([&](Transaction& rows) -> Result<Secret> {
    Result<Found> found = find_both(rows, call);
    if (!found) return std::unexpected(std::move(found.error()));
    if (!is_value_enough(found->secret.type)) {
      return fail(ErrorCode::invalid, "A secret of this type takes no value");
    }
    if (auto checked = check_secret_value(found->secret.type, given->value); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    PersonalSecret value = found->value.value_or(PersonalSecret{.account = call.caller.account,
                                                                .secret = found->secret.id,
                                                                .contact = found->contact.id,
                                                                .created_at = now});
    value.updated_at = now;
    value.sealed_value =
        vault_.seal(given->value, personal_secret_place(value.secret.key, value.contact.key));
    auto kept =
        found->value ? rows.personal_secrets().update(value) : rows.personal_secrets().add(value);
    if (!kept) return std::unexpected(std::move(kept.error()));
    log_value(rows, call, *found, "update", now);
    return std::move(found->secret);
  });
  if (!changed) co_return call.reply(changed.error());
  co_return call.reply(id_of(*changed));
}

Task<Response> ContactSecrets::verify(Call call) {
  const Result<Found> found =
      co_await store_.read([&](const Transaction& rows) { return find_both(rows, call); });
  if (!found) co_return call.reply(found.error());
  const std::optional<PersonalSecret>& value = found->value;
  const bool is_authenticated =
      value && is_value_enough(found->secret.type) && secret_value(vault_, *value).has_value();
  co_return call.reply(verified(found->secret.id, is_authenticated));
}

Task<Response> ContactSecrets::revoke(Call call) {
  const TimePoint now = clock_.now();
  const Result<Secret> revoked = co_await store_.transact([&](Transaction& rows) -> Result<Secret> {
    Result<Found> found = find_both(rows, call);
    if (!found) return std::unexpected(std::move(found.error()));
    if (found->value) rows.personal_secrets().remove(found->value->id.key);
    log_value(rows, call, *found, "revoke", now);
    return std::move(found->secret);
  });
  if (!revoked) co_return call.reply(revoked.error());
  co_return call.reply(id_of(*revoked));
}

Task<Response> ContactSecrets::authenticate(Call call) {
  const Result<Found> found =
      co_await store_.read([&](const Transaction& rows) { return find_both(rows, call); });
  if (!found) co_return call.reply(found.error());
  const Error refused = no_authentication_flow(found->secret.type);
  co_return call.reply(refused);
}

}  // namespace bellpull
