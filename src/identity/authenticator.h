// Turns the token of a request into its Caller.
//
// A token that was seen lately is known from memory. An unknown one costs a read of the store, and
// such reads are limited, so that guessing tokens cannot keep the store from its work.
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
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

class Authenticator {
 public:
  Authenticator(Store& store, const Clock& clock);

  // From memory alone: nothing when the token is not known there, which says nothing about it.
  std::optional<Caller> recall(std::string_view token);

  // Fails with `unauthenticated` when the token is unknown, expired, or of a disabled account, and
  // with `too_many_requests` when too many unknown tokens came lately.
  Task<Result<Caller>> authenticate(std::string token);

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
  // Whether the store may be read for this digest now; the generation that the read belongs to.
  Result<std::uint64_t> admit_read(const Digest& digest);
  void remember(const Digest& digest, const std::optional<Caller>& caller,
                std::uint64_t generation);

  Store& store_;
  const Clock& clock_;

  std::mutex mutex_;
  // guarded by mutex_:
  std::unordered_map<Digest, Known, DigestHash> known_;
  std::unordered_map<Digest, SteadyTime, DigestHash> unknown_;  // and until when it stays so
  std::uint64_t generation_ = 0;                                // grows when something is forgotten
  double reads_left_;
  SteadyTime refilled_at_;
};

}  // namespace bellpull
