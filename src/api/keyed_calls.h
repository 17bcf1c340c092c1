// Calls that had an Idempotency-Key: each is done once, and a repeat gets the first answer
// (api-contract.md 1.7).
//
// A key is its token's, for one path, for a time. The answer is kept in the transaction of what the
// call made, so that there is never one without the other, and sealed, because it may hold a
// secret; so is the digest of the body that it belongs to. A call that fails keeps nothing: it may
// be mended and sent again with the same key.
//
// A handler that honours keys answers by answer_once(); Routes begins and ends the calls.
//
// Lifetime: outlives its calls. Threads: any; a call is its handler's and the store's in turn.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "api/key_rules.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/request.h"
#include "identity/caller.h"
#include "store/answers.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

class KeyedCalls;

// One call, in flight as long as this lives.
class KeyedCall {
 public:
  KeyedCall(KeyedCalls& calls, const Caller& caller, std::string path, std::string key,
            const boost::json::object& body);
  ~KeyedCall();
  KeyedCall(const KeyedCall&) = delete;
  KeyedCall& operator=(const KeyedCall&) = delete;

  // The answer to an earlier call, if there was one. Fails with `unprocessable` when that one had
  // another body.
  Result<std::optional<boost::json::object>> first_answer(const Transaction& rows);
  // Fails with `too_many_requests` when the account keeps too much.
  Result<void> keep(Transaction& rows, const boost::json::object& answer) const;

  // Whether the answer was an earlier call's.
  bool is_repeat() const { return is_repeat_; }

 private:
  AnswerName name() const { return {.token = token_, .path = path_, .key = key_}; }
  std::string place() const;

  KeyedCalls& calls_;
  const AccountKey account_;
  const TokenKey token_;
  const std::string path_;
  const std::string key_;  // its digest
  const Digest body_;
  const TimePoint now_;
  bool is_repeat_ = false;
};

class KeyedCalls {
 public:
  KeyedCalls(const Vault& vault, const Clock& clock, KeyRules rules);

  // Null for a request without a key. Fails with `invalid` for what is none, and with `conflict`
  // while another call with the same key is in flight. Shared between the route, which ends it, and
  // its handler's Call, which is a value.
  Result<std::shared_ptr<KeyedCall>> begin(const RequestHead& request, const Caller& caller,
                                           const boost::json::object& body);

 private:
  friend class KeyedCall;
  using Name = std::pair<std::int64_t, std::string>;  // token; path, a space and the key's digest

  bool enter(const Name& name);
  void leave(const Name& name);

  const Vault& vault_;
  const Clock& clock_;
  const KeyRules rules_;

  std::mutex mutex_;
  std::set<Name> in_flight_;  // guarded by mutex_
};

}  // namespace bellpull
