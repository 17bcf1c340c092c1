// A caller's right to go on with what outlasts its admission: a stream, a wait.
//
// It is asked again before each send, so that a token that was revoked, has expired or lost a
// scope, and one of a disabled account, gets nothing more.
//
// Lifetime: its Authenticator outlives it. Threads: any; constant after construction.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/task.h"
#include "identity/authenticator.h"
#include "identity/caller.h"
#include "vault/vault.h"

namespace bellpull {

class Permit {
 public:
  // `scopes` are the bits of those that the caller must still have.
  Permit(Authenticator& authenticator, const Caller& caller, std::int64_t scopes)
      : authenticator_(&authenticator), token_(caller.digest), scopes_(scopes) {}

  // Fails with `unauthenticated` when the token is no more, and with `forbidden` when it may do
  // less. The permit must live until the check is over.
  Task<Result<void>> check() const;

 private:
  Authenticator* authenticator_;
  Digest token_;
  std::int64_t scopes_;
};

}  // namespace bellpull
