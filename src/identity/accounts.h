// Making accounts and the tokens that let programs act as them.
#pragma once

#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "store/transaction.h"

namespace bellpull {

struct IssuedToken {
  Token token;       // not yet kept; the caller fills in its name, scopes and expiry
  std::string text;  // what its holder sends; nobody can read it again
};

IssuedToken issue_token(AccountKey account, Random& random, TimePoint now);
// The same for a text that the operator chose. Fails when it does not have the form of a token.
Result<IssuedToken> issue_token(AccountKey account, std::string text, TimePoint now);

// On a store without accounts: adds the account "admin" with a token of all scopes, `admin_token`
// if given, and returns its text. Nothing when there is an account already: `admin_token` counts on
// an empty store only.
Result<std::optional<std::string>> make_first_account(Transaction& transaction,
                                                      std::optional<std::string> admin_token,
                                                      Random& random, TimePoint now);

}  // namespace bellpull
