// What the actions on the server's own data have in common: datasets, memories, conversations,
// triggers, bots.
//
// A call reaches what the account of its run has. An ability of another account (a public bot
// brings its own along) is a stranger's: it reaches what is public and what its own account has
// given to the bot, and nothing of the run's account. docs/actions.md, "The server's own data".
//
// What a call changes is changed once, however often it is made again: write_once() keeps what it
// did in the same transaction.
#pragma once

#include <concepts>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "action/action.h"
#include "action/outcome.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

// A repetition does no harm: it only reads, or its key says what it did.
class InnerAction : public Action {
 public:
  bool is_idempotent(const ActionRequest& /*request*/) const final { return true; }
};

bool is_strangers(const ActionRequest& request);
// Why a stranger's ability does nothing here: "trigger/send is not for ...".
Error refused_stranger(std::string_view action);

// By id, or by its alias in that account, with or without "@". Whose it is, is not looked at.
template <class Resource>
std::optional<Resource> find_named(const ResourceStore<Resource>& rows, AccountKey account,
                                   std::string_view name) {
  if (const auto id = decltype(Resource::id)::parse(name)) return rows.find(*id);
  if (name.starts_with('@')) name.remove_prefix(1);
  if (name.empty()) return std::nullopt;
  return rows.find_alias(account, name);
}

// Appends an entry to the event log, by the ability and in the run of the call.
void log_by_call(Transaction& rows, const ActionRequest& request, LogItem item, TimePoint now);

ActionOutcome error_outcome(const Error& error);

// Runs `work(Transaction&)`, which gives a Result<json::object> of ids, in one transaction, and
// keeps the result under the call's key; the next time only the result is given.
template <class Work>
  requires std::same_as<std::invoke_result_t<Work&, Transaction&>, Result<boost::json::object>>
Task<ActionOutcome> write_once(Store* store, AccountKey account, std::string key, Work work) {
  const TimePoint now = store->clock().now();
  auto done = co_await store->transact([&](Transaction& rows) -> Result<boost::json::object> {
    if (!key.empty()) {
      if (const auto before = rows.done_calls().find(account, key, now)) {
        return parse_stored(*before);
      }
    }
    auto result = work(rows);
    if (result && !key.empty()) {
      rows.done_calls().add(account, key, boost::json::serialize(*result), now);
    }
    return result;
  });
  if (!done) co_return error_outcome(done.error());
  co_return ActionOutcome{.result = std::move(*done)};
}

}  // namespace bellpull
