#include "api/tokens.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/answer_once.h"
#include "api/call.h"
#include "api/change.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/log_change.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "http/response.h"
#include "identity/accounts.h"
#include "identity/authenticator.h"
#include "identity/caller.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// In the order of their bits.
constexpr std::array<std::string_view, 4> scope_names{"read", "write", "secrets:read", "admin"};

Result<std::int64_t> read_scopes(std::string_view name, const FieldShape& /*shape*/,
                                 const json::value& given) {
  if (given.is_null()) return default_scopes;
  if (!given.is_array()) return fail(ErrorCode::invalid, "scopes must be a list of names");
  std::int64_t scopes = 0;
  Problems problems;
  for (std::size_t i = 0; i < given.get_array().size(); ++i) {
    const json::value& one = given.get_array()[i];
    const auto index = find_choice(fmt::format("{}[{}]", name, i), scope_names,
                                   one.is_string() ? one.get_string() : "");
    if (!index) problems.add(index.error());
    if (index) scopes |= std::int64_t{1} << *index;
  }
  if (!problems.empty()) return std::unexpected(problems.error());
  return scopes;
}

json::value write_scopes(std::int64_t scopes, const View& /*view*/) {
  json::array names;
  for (std::size_t i = 0; i < scope_names.size(); ++i) {
    if ((scopes >> i & 1) != 0) names.emplace_back(scope_names.at(i));
  }
  return names;
}

constexpr std::array<std::string_view, 2> timestamp_names{"iso", "ms"};

Result<TimestampForm> read_timestamps(std::string_view name, const FieldShape& /*shape*/,
                                      const json::value& given) {
  if (given.is_null()) return TimestampForm::unset;
  const auto index =
      find_choice(name, timestamp_names, given.is_string() ? given.get_string() : "");
  if (!index) return std::unexpected(index.error());
  return *index == 0 ? TimestampForm::iso : TimestampForm::ms;
}

json::value write_timestamps(TimestampForm form, const View& /*view*/) {
  if (form == TimestampForm::unset) return nullptr;
  return json::value(form == TimestampForm::iso ? "iso" : "ms");
}

// What restricts a token (api-contract.md 1.17) is not built: refused, because a token without the
// restriction may do more than was asked for.
Field<Token> config_field() {
  return {.name = "config",
          .shape = {.kind = ValueKind::object, .about = "Must be empty: it is not built yet."},
          .read = [](const json::value& given) -> Result<Assignment<Token>> {
            const bool is_empty =
                given.is_null() || (given.is_object() && given.get_object().empty());
            if (!is_empty) {
              return fail(ErrorCode::invalid, "config must be empty",
                          "restricting a token by its config is not built yet");
            }
            return [](Token&, const Edit&) { return Result<void>{}; };
          },
          .taken_as = {{"type", "object"}, {"maxProperties", 0}}};
}

Fields<Token> token_fields() {
  return {
      id_field<Token>(),
      text("name", &Token::name, {.max_bytes = max_name_bytes}),
      text("description", &Token::description, {.max_bytes = max_description_bytes}),
      member_field("scopes", FieldShape{.kind = ValueKind::list}, &Token::scopes, read_scopes,
                   write_scopes)
          .takes(array_schema(choice_schema(scope_names)))
          .gives(array_schema(choice_schema(scope_names)))
          .means("What it may do: by default all but \"admin\", as far as its maker may."),
      member_field("timestamps",
                   FieldShape{.kind = ValueKind::choice,
                              .nullable = true,
                              .choices = {timestamp_names.begin(), timestamp_names.end()}},
                   &Token::timestamps, read_timestamps, write_timestamps)
          .means("How its owner reads times; null: as the server is set."),
      optional_time("expiresAt", &Token::expires_at).means("null: it does not expire."),
      config_field(),
      meta_field<Token>(),
      timestamp("createdAt", &Token::created_at),
      timestamp("updatedAt", &Token::updated_at),
  };
}

Result<void> check_within(const Caller& caller, const Token& token) {
  const bool may_do_more = (token.scopes & ~caller.scopes) != 0;
  const bool lives_longer =
      caller.expires_at && (!token.expires_at || *token.expires_at > *caller.expires_at);
  if (!may_do_more && !lives_longer) return {};
  return fail(ErrorCode::forbidden, "Not authorized",
              may_do_more ? "a token can't deal with one that has more scopes than itself"
                          : "a token that expires can't deal with one that lives longer");
}

// A mistyped time would otherwise make a token that nobody can use, and say nothing.
Result<void> check_not_over(const Token& made) {
  if (!made.expires_at || *made.expires_at > made.created_at) return {};
  return fail(
      ErrorCode::invalid, "expiresAt must be in the future",
      "send milliseconds since 1970, ISO 8601 text, or null for a token that does not expire");
}

bool names_scopes(const json::object& body) {
  const json::value* given = body.if_contains("scopes");
  return given != nullptr && !given->is_null();
}

bool is_live_admin(const Token& token, TimePoint now) {
  return token.allows(Scope::admin) && (!token.expires_at || *token.expires_at > now);
}

// Without any, nobody could ever make another account or another admin token.
Result<void> check_admin_left(const Transaction& rows, const Token& lost, TimePoint now) {
  if (!is_live_admin(lost, now) || rows.has_other_admin(lost.id.key, now)) return {};
  return fail(ErrorCode::conflict, "This is the last admin token of the server",
              "make another one with the scope admin first");
}

}  // namespace

Tokens::Tokens(Store& store, const Clock& clock, Random& random, Authenticator& authenticator)
    : Endpoints(store, clock, token_fields(), {.kind = "token"}),
      random_(random),
      authenticator_(authenticator) {}

Result<void> Tokens::revise(Transaction& rows, const Call& call, const Token& before,
                            Token& after) const {
  if (auto allowed = check_within(call.caller, before); !allowed) return allowed;
  if (auto allowed = check_within(call.caller, after); !allowed) return allowed;
  const TimePoint now = after.updated_at;
  if (is_live_admin(after, now)) return {};
  return check_admin_left(rows, before, now);
}

Result<void> Tokens::erase(Transaction& rows, const Call& call, const Token& found,
                           TimePoint now) const {
  if (auto allowed = check_within(call.caller, found); !allowed) return allowed;
  if (auto left = check_admin_left(rows, found, now); !left) return left;
  rows.tokens().remove(found.id.key);
  return {};
}

void Tokens::committed(const Token& changed) const { authenticator_.forget(changed.id.key); }

Schema Tokens::created_schema() const {
  return {"TokenCreated",
          object_schema({{"id", text_schema()},
                         {"token", described(text_schema(), "Nobody can read it again.")},
                         {"createdAt", time_schema()}})};
}

Task<Response> Tokens::create(Call call) {
  const auto change = Change<Token>::parse(fields(), call.body, Verb::create);
  if (!change) co_return call.reply(change.error());

  IssuedToken issued = issue_token(call.caller.account, random_, clock_.now());
  const Result<json::object> answer = co_await store_.transact([&](Transaction& rows) {
    return answer_once(rows, call, [&]() -> Result<json::object> {
      auto done = change->apply(issued.token, Edit{&rows, call.caller.account});
      if (!names_scopes(call.body)) issued.token.scopes = default_scopes & call.caller.scopes;
      if (done) done = check_within(call.caller, issued.token);
      if (done) done = check_not_over(issued.token);
      if (done) done = rows.tokens().add(issued.token);
      if (!done) return std::unexpected(std::move(done.error()));
      log_change(rows, call, issued.token, "create", issued.token.created_at,
                 {.fields = change->names()});
      json::object reply = id_of(issued.token);
      reply["token"] = issued.text;
      reply["createdAt"] = call.view.time(issued.token.created_at);
      return reply;
    });
  });
  if (!answer) co_return call.reply(answer.error());
  if (call.key && call.key->is_repeat()) {
    const Result<void> allowed = co_await check_repeat(call, *answer);
    if (!allowed) co_return call.reply(allowed.error());
  }
  co_return call.reply(*answer);
}

// Whoever repeats the call may have lost what the token that it made has.
Task<Result<void>> Tokens::check_repeat(Call call, json::object answer) {
  co_return co_await store_.read([&](const Transaction& rows) -> Result<void> {
    const auto id = TokenId::parse(answer.at("id").as_string());
    const auto made = id ? rows.tokens().find(*id) : std::nullopt;
    return made ? check_within(call.caller, *made) : Result<void>{};
  });
}

}  // namespace bellpull
