// A trigger's secret, as it is sealed in its row.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "domain/ids.h"
#include "domain/trigger.h"
#include "vault/vault.h"

namespace bellpull {

inline constexpr std::size_t trigger_secret_bytes = 32;  // random ones, shown as hex

// The place of use that the secret is sealed for, so that it opens in its own row only.
inline std::string trigger_secret_place(TriggerKey trigger) {
  return "trigger:" + std::to_string(trigger.value);
}

// Nothing when the trigger has none, or it was sealed under another master key.
inline std::optional<std::string> trigger_secret(const Vault& vault, const Trigger& trigger) {
  if (trigger.sealed_secret.empty()) return std::nullopt;
  return vault.open(trigger.sealed_secret, trigger_secret_place(trigger.id.key));
}

// The one before it. A row keeps it after its time, until the next rotation: see
// Trigger::previous_secret_until.
inline std::optional<std::string> previous_trigger_secret(const Vault& vault,
                                                          const Trigger& trigger) {
  if (trigger.sealed_previous_secret.empty()) return std::nullopt;
  return vault.open(trigger.sealed_previous_secret, trigger_secret_place(trigger.id.key));
}

}  // namespace bellpull
