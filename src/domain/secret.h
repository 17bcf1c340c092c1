// A credential that actions use and nobody reads back: one value for all (shared), or one for each
// contact (personal). Field rules: api-contract.md 2.14.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/bot.h"
#include "domain/ids.h"

namespace bellpull {

enum class SecretUse : std::uint8_t { shared, personal };
enum class SecretType : std::uint8_t { plain, basic, bearer, jwt, oauth, templated, reference };

struct Secret {
  SecretId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::optional<BlueprintId> blueprint;
  SecretUse kind = SecretUse::shared;
  SecretType type = SecretType::plain;
  std::string sealed_value;   // see vault/; empty: none
  std::string sealed_config;  // a JSON object, which may have a client's secret; empty: none
  // The last personal value that was revoked; those up to it count no more.
  std::int64_t revoked_through = 0;
  Visibility visibility = Visibility::private_;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;

  // Given in the clear, on their way to being sealed, and never kept; "" removes.
  std::optional<std::string> new_value;
  std::optional<std::string> new_config;  // a JSON object
};

// The value of a personal secret for one contact.
struct PersonalSecret {
  PersonalSecretId id;
  AccountKey account;
  SecretId secret;
  ContactId contact;
  std::string sealed_value;
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
