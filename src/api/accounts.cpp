#include "api/accounts.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

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
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "http/method.h"
#include "http/response.h"
#include "identity/accounts.h"
#include "identity/authenticator.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

const Fields<Account>& account_fields() {
  static const Fields<Account> fields{
      id_field<Account>(),
      text("name", &Account::name, {.max_bytes = max_name_bytes}).needed(Needed::filled),
      choice("state", &Account::state, {"enabled", "disabled"}).read_only(),
      timestamp("createdAt", &Account::created_at),
  };
  return fields;
}

ListRules account_list() { return {.kind = "account", .has_meta = false}; }

Result<std::string> add_account(Transaction& rows, Account& account, IssuedToken issued) {
  if (auto added = rows.accounts().add(account); !added) return std::unexpected(added.error());
  issued.token.account = account.id.key;
  issued.token.name = account.name;
  if (auto added = rows.tokens().add(issued.token); !added) return std::unexpected(added.error());
  return std::move(issued.text);
}

}  // namespace

Accounts::Accounts(Store& store, const Clock& clock, Random& random, Authenticator& authenticator)
    : store_(store), clock_(clock), random_(random), authenticator_(authenticator) {}

void Accounts::add_routes(Routes& routes) {
  routes
      .add(Method::post, "/account/create", Scope::admin,
           [this](Call call) { return create(std::move(call)); })
      .describe({.summary = "Creates an account with its first token",
                 .takes = body_schema("AccountCreate", account_fields(), Verb::create),
                 .gives = {"AccountCreated",
                           object_schema({{"id", text_schema()}, {"token", text_schema()}})},
                 .about = "Nobody can read the token again."});
  routes
      .add(Method::get, "/account/list", Scope::admin,
           [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists the accounts of the server",
                 .gives = reply_schema("Account", account_fields()),
                 .form = Description::Form::list,
                 .query = list_parameters(account_list())});
  routes
      .add(Method::post, "/account/{accountId}/disable", Scope::admin,
           [this](Call call) { return set_state(std::move(call), AccountState::disabled); })
      .describe({.summary = "Disables an account",
                 .gives = id_schema(),
                 .about =
                     "Its tokens and the secrets of its triggers count for nothing until it is "
                     "enabled again. An account cannot disable itself.",
                 .errors = {409}});
  routes
      .add(Method::post, "/account/{accountId}/enable", Scope::admin,
           [this](Call call) { return set_state(std::move(call), AccountState::enabled); })
      .describe({.summary = "Enables an account that was disabled", .gives = id_schema()});
}

Task<Response> Accounts::create(Call call) {
  const auto change = Change<Account>::parse(account_fields(), call.body, Verb::create);
  if (!change) co_return call.reply(change.error());

  const TimePoint now = clock_.now();
  Account account{.created_at = now};
  const IssuedToken issued = issue_token({}, random_, now);
  const Result<json::object> answer = co_await store_.transact([&](Transaction& rows) {
    return answer_once(rows, call, [&]() -> Result<json::object> {
      auto applied = change->apply(account, Edit{&rows, call.caller.account});
      if (!applied) return std::unexpected(applied.error());
      const Result<std::string> token = add_account(rows, account, issued);
      if (!token) return std::unexpected(token.error());
      log_change(rows, call, account, "create", now);
      return json::object{{"id", account.id.text()}, {"token", *token}};
    });
  });
  if (!answer) co_return call.reply(answer.error());

  co_return call.reply(*answer);
}

Task<Response> Accounts::list(Call call) {
  Result<ListRequest> request = parse_list(account_list(), call.request, {});
  if (!request) co_return call.reply(request.error());

  ReadPage read = [this, view = call.view](const Page& page) { return read_page(page, view); };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Response> Accounts::set_state(Call call, AccountState state) {
  const auto id = AccountId::parse(call.parameter("accountId"));
  const TimePoint now = clock_.now();
  const Result<AccountId> changed =
      co_await store_.transact([&](Transaction& rows) -> Result<AccountId> {
        // The caller may have been disabled since it was let in: of two who disable each other at
        // once, one must stay.
        const std::optional<Account> own = rows.accounts().find(call.caller.account);
        if (!own || own->state != AccountState::enabled) {
          return fail(ErrorCode::unauthenticated, "Not authenticated");
        }
        std::optional<Account> account = id ? rows.accounts().find(*id) : std::nullopt;
        if (!account) return not_found("Account");
        if (account->id.key == call.caller.account && state == AccountState::disabled) {
          return fail(ErrorCode::conflict, "An account can't disable itself");
        }
        account->state = state;
        if (auto kept = rows.accounts().update(*account); !kept) {
          return std::unexpected(kept.error());
        }
        log_change(rows, call, *account, state == AccountState::disabled ? "disable" : "enable",
                   now);
        return account->id;
      });
  if (!changed) co_return call.reply(changed.error());
  authenticator_.forget_account(changed->key);

  co_return call.reply(json::object{{"id", changed->text()}});
}

Task<Result<ListPage>> Accounts::read_page(Page page, View view) {
  const ListQuery query{.account = {}, .page = page};
  const std::vector<Account> found =
      co_await store_.read([&](const Transaction& rows) { return rows.accounts().list(query); });
  ListPage rendered;
  for (const Account& one : found) rendered.items.push_back(render(account_fields(), one, view));
  if (!found.empty()) rendered.last = found.back().id.key.value;
  co_return rendered;
}

}  // namespace bellpull
