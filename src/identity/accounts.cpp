#include "identity/accounts.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "identity/bearer.h"
#include "store/list.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

IssuedToken issue_token(AccountKey account, Random& random, TimePoint now) {
  std::string text = std::string{token_prefix} + random.hex(token_secret_bytes);
  Token token{.account = account, .digest = digest_of(text), .created_at = now, .updated_at = now};
  return {std::move(token), std::move(text)};
}

Result<IssuedToken> issue_token(AccountKey account, std::string text, TimePoint now) {
  if (!has_token_form(text)) {
    return fail(ErrorCode::invalid, "the admin token must be sk- and 64 lower-case hex digits",
                "make one with: echo sk-$(openssl rand -hex 32)");
  }
  Token token{.account = account, .digest = digest_of(text), .created_at = now, .updated_at = now};
  return IssuedToken{std::move(token), std::move(text)};
}

Result<std::optional<std::string>> make_first_account(Transaction& transaction,
                                                      std::optional<std::string> admin_token,
                                                      Random& random, TimePoint now) {
  const ListQuery anyone{.account = {}, .page = {.take = 1}};
  if (!transaction.accounts().list(anyone).empty()) return std::nullopt;

  Account admin{.name = "admin", .created_at = now};
  if (auto added = transaction.accounts().add(admin); !added) return std::unexpected(added.error());

  Result<IssuedToken> issued = admin_token ? issue_token(admin.id.key, std::move(*admin_token), now)
                                           : issue_token(admin.id.key, random, now);
  if (!issued) return std::unexpected(std::move(issued.error()));
  issued->token.name = "admin";
  issued->token.scopes = all_scopes;
  if (auto added = transaction.tokens().add(issued->token); !added) {
    return std::unexpected(added.error());
  }
  return std::move(issued->text);
}

}  // namespace bellpull
