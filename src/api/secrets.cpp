#include "api/secrets.h"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "http/response.h"
#include "secret/sealed_secret.h"
#include "secret/secret_config.h"
#include "store/list.h"
#include "store/removal.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Write-only; null and "" remove it.
Field<Secret> value_field() {
  const FieldShape shape{.nullable = true, .max_bytes = max_secret_bytes};
  return {.name = "value",
          .shape = shape,
          .read = [shape](const json::value& given) -> Result<Assignment<Secret>> {
            auto value = read_text("value", shape, given);
            if (!value) return std::unexpected(std::move(value.error()));
            return [value = std::move(*value)](Secret& secret, const Edit&) -> Result<void> {
              secret.new_value = value;
              return {};
            };
          }};
}

// Shown with its secret members masked.
Field<Secret> config_field(const Vault& vault) {
  const FieldShape shape{.kind = ValueKind::object, .nullable = true};
  return {.name = "config",
          .shape = shape,
          .read = [](const json::value& given) -> Result<Assignment<Secret>> {
            if (!given.is_null() && !given.is_object()) {
              return fail(ErrorCode::invalid, "config must be an object");
            }
            std::string text = given.is_null() ? "" : json::serialize(given);
            if (text.size() > max_secret_bytes) {
              return fail(
                  ErrorCode::invalid,
                  "config must be at most " + std::to_string(max_secret_bytes) + " bytes as JSON");
            }
            return [text = std::move(text)](Secret& secret, const Edit&) -> Result<void> {
              secret.new_config = text;
              return {};
            };
          },
          .write = [&vault](const Secret& secret, const View&) -> json::value {
            const auto config = secret_config(vault, secret);
            if (!config) return nullptr;
            return masked(*config);
          }};
}

ListRules secret_list() {
  return {.kind = "secret", .filters = {reference_filter<Blueprint>("blueprintId", "blueprint")}};
}

// The newest value that a contact gave it since it was revoked last; 0: none. Asked for from there
// on first: backwards, all that were void would be passed.
std::int64_t last_personal_value(const Transaction& rows, const Secret& secret) {
  ListQuery query{.account = secret.account,
                  .page = {.after = secret.revoked_through, .take = 1, .order = Order::ascending},
                  .filters = {{.field = "secret", .any_of = {secret.id.key.value}}}};
  if (rows.personal_secrets().list(query).empty()) return 0;
  query.page = {.take = 1, .order = Order::descending};
  return rows.personal_secrets().list(query).front().id.key.value;
}

}  // namespace

Fields<Secret> secret_fields(const Vault& vault) {
  return {
      id_field<Secret>(),
      alias_field<Secret>(),
      text("name", &Secret::name, {.max_bytes = max_name_bytes}),
      text("description", &Secret::description, {.max_bytes = max_description_bytes}),
      blueprint_field<Secret>(),
      choice("kind", &Secret::kind, {"shared", "personal"}),
      secret_type_field<Secret>(),
      value_field(),
      config_field(vault),
      visibility_field<Secret>(),
      meta_field<Secret>(),
      timestamp("createdAt", &Secret::created_at),
      timestamp("updatedAt", &Secret::updated_at),
  };
}

json::object verified(const SecretId& secret, bool is_authenticated) {
  return {{"id", secret.text()},
          {"status", is_authenticated ? "authenticated" : "unauthenticated"}};
}

Schema verified_schema() {
  json::object status = text_schema();
  status["enum"] = json::array{"authenticated", "unauthenticated"};
  return {"SecretVerified", object_schema({{"id", text_schema()}, {"status", std::move(status)}})};
}

Error no_authentication_flow(SecretType type) {
  if (type == SecretType::oauth || type == SecretType::templated) {
    return {ErrorCode::not_implemented, "The OAuth flow of secrets is not built yet",
            "use a secret of type bearer with a token that was obtained elsewhere"};
  }
  return {ErrorCode::invalid, "A secret of this type has no page to authenticate at",
          "set its value"};
}

Schema authentication_schema() {
  return {"SecretAuthentication", object_schema({{"id", text_schema()}, {"url", text_schema()}})};
}

Secrets::Secrets(Store& store, const Clock& clock, const Vault& vault)
    : Endpoints(store, clock, secret_fields(vault), secret_list()), vault_(vault) {}

void Secrets::add_routes(Routes& routes) {
  const std::string one = "/secret/{secretId}";
  add_to(routes, "/secret", "secretId");
  routes.post(one + "/verify", [this](Call call) { return verify(std::move(call)); })
      .describe({.summary = "Tells whether a secret can be used", .gives = verified_schema()});
  routes.post(one + "/revoke", [this](Call call) { return revoke(std::move(call)); })
      .describe({.summary = "Removes a secret's OAuth tokens and the values that contacts gave it",
                 .gives = id_schema()});
  routes.post(one + "/authenticate", [this](Call call) { return authenticate(std::move(call)); })
      .describe({.summary = "Gives the page at which a secret is authenticated",
                 .gives = authentication_schema(),
                 .errors = {501}});
}

Result<void> Secrets::prepare(Transaction& /*rows*/, const Call& /*call*/, Secret& added) const {
  return check_and_merge(vault_, Secret{}, added);
}

// A value is sealed for the row it stands in, which has its key only now.
Result<void> Secrets::complete(Transaction& rows, const Call& /*call*/, Secret& added) const {
  if (!added.new_value && !added.new_config) return {};
  seal_given(vault_, added);
  return rows.secrets().update(added);
}

Result<void> Secrets::revise(Transaction& /*rows*/, const Call& /*call*/, const Secret& before,
                             Secret& after) const {
  if (auto checked = check_and_merge(vault_, before, after); !checked) return checked;
  seal_given(vault_, after);
  return {};
}

Result<void> Secrets::erase(Transaction& rows, const Call& /*call*/, const Secret& found,
                            TimePoint /*now*/) const {
  remove_whole(rows, found);
  return {};
}

Task<Response> Secrets::verify(Call call) {
  const Result<Secret> secret =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!secret) co_return call.reply(secret.error());
  const bool is_authenticated = secret->kind == SecretUse::shared &&
                                is_value_enough(secret->type) &&
                                secret_value(vault_, *secret).has_value();
  co_return call.reply(verified(secret->id, is_authenticated));
}

// What an owner typed in stays; what others authenticated goes. Values of contacts count no more
// from here on, and are removed in the background.
Task<Response> Secrets::revoke(Call call) {
  const TimePoint now = clock_.now();
  const Result<Secret> revoked = co_await store_.transact([&](Transaction& rows) -> Result<Secret> {
    Result<Secret> secret = find(rows, call);
    if (!secret) return secret;
    if (const auto last = last_personal_value(rows, *secret); last > 0) {
      secret->revoked_through = last;
      rows.start_job(secret->account, JobKind::remove_personal_values, secret->id.key.value);
    }
    if (!is_value_enough(secret->type)) secret->sealed_value.clear();
    secret->updated_at = now;
    if (auto kept = rows.secrets().update(*secret); !kept) {
      return std::unexpected(kept.error());
    }
    log_change(rows, call, *secret, "revoke", now);
    return secret;
  });
  if (!revoked) co_return call.reply(revoked.error());
  co_return call.reply(id_of(*revoked));
}

Task<Response> Secrets::authenticate(Call call) {
  const Result<Secret> secret =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!secret) co_return call.reply(secret.error());
  const Error refused = no_authentication_flow(secret->type);
  co_return call.reply(refused);
}

}  // namespace bellpull
