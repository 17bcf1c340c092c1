// An account owns resources; a token lets a program act as it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

enum class AccountState : std::uint8_t { enabled, disabled };

struct Account {
  AccountId id;
  std::string name;
  AccountState state = AccountState::enabled;
  TimePoint created_at;
};

// The form in which a token's holder reads timestamps; `unset` leaves it to the server's setting.
enum class TimestampForm : std::uint8_t { unset, iso, ms };

// What a token may do. A set of bits, kept as one number.
enum class Scope : std::uint8_t { read = 1, write = 2, secrets_read = 4, admin = 8 };
inline constexpr std::int64_t default_scopes = 7;  // all but admin
inline constexpr std::int64_t all_scopes = 15;

struct Token {
  TokenId id;
  AccountKey account;
  std::array<std::uint8_t, 32> digest{};  // SHA-256 of the token; the token itself is shown once
  std::string name;
  std::string description;
  std::string meta = "{}";
  std::int64_t scopes = default_scopes;
  TimestampForm timestamps = TimestampForm::unset;
  std::optional<TimePoint> expires_at;
  TimePoint created_at;
  TimePoint updated_at;

  bool allows(Scope scope) const { return (scopes & static_cast<std::int64_t>(scope)) != 0; }
};

}  // namespace bellpull
