// Turns the token of a request into its Caller.
//
// A token that was seen lately is known from memory. An unknown one costs a read of the store, by a
// unique index. Few such reads go at a time, so that guessing tokens cannot keep the store from its
// work; and nobody is refused for the guesses of others, only looked up after them.
//
// Invariant: after forget() or forget_account() has returned, no call that starts later is answered
// from what was known before; so is one that began its read before and ends it after.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "identity/caller.h"
#include "identity/turns.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

class Authenticator {
 public:
  Authenticator(Store& store, const Clock& clock);

  // From memory alone: nothing when the token is not known there, which says nothing about it.
  std::optional<Caller> recall(std::string_view token);

  // Fails with `unauthenticated` when the token is unknown, expired, or of a disabled account.
  Task<Result<Caller>> authenticate(std::string token);
  // The same by a token's digest; see permit.h.
  Task<Result<Caller>> look_up(Digest digest);

  // Call it after the commit that changed or removed the token.
  void forget(TokenKey token);
  // Call it after the commit that disabled or enabled the account.
  void forget_account(AccountKey account);

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  struct Known {
    Caller caller;
    SteadyTime until;
  };

  std::optional<Caller> find_known(const Digest& digest);
  bool is_unknown(const Digest& digest);
  std::uint64_t generation();
  void remember(const Digest& digest, const std::optional<Caller>& caller,
                std::uint64_t generation);

  Store& store_;
  const Clock& clock_;
  Turns reads_;

  std::mutex mutex_;
  // guarded by mutex_:
  std::unordered_map<Digest, Known, DigestHash> known_;
  std::unordered_map<Digest, SteadyTime, DigestHash> unknown_;  // and until when it stays so
  std::uint64_t generation_ = 0;                                // grows when something is forgotten
};

}  // namespace bellpull
