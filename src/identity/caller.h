// Who is calling, as the rest of the server needs to know it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "vault/vault.h"

namespace bellpull {

struct Caller {
  AccountKey account;
  TokenKey token;
  Digest digest{};  // of the token
  std::int64_t scopes = 0;
  TimestampForm timestamps = TimestampForm::unset;
  std::optional<TimePoint> expires_at;

  bool allows(Scope scope) const { return (scopes & static_cast<std::int64_t>(scope)) != 0; }
};

}  // namespace bellpull
