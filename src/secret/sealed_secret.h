// A secret's value and configuration, as they are sealed in its row; and what a new value of either
// must be.
//
// Nothing here is logged, and no error holds a value.
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "vault/vault.h"

namespace bellpull {

// The places of use that they are sealed for, so that each opens in its own row only.
std::string secret_value_place(SecretKey secret);
std::string secret_config_place(SecretKey secret);
std::string personal_secret_place(SecretKey secret, ContactKey contact);

// Nothing when there is none, or it was sealed under another master key.
std::optional<std::string> secret_value(const Vault& vault, const Secret& secret);
std::optional<std::string> secret_value(const Vault& vault, const PersonalSecret& secret);
std::optional<boost::json::object> secret_config(const Vault& vault, const Secret& secret);

// Judges what `after` was given by what it was `before` (a Secret{} for a new one), and takes over
// the kept values that masks stand for. Fails with `conflict` for a personal secret with a value,
// and with `invalid` for what its type does not take.
Result<void> check_and_merge(const Vault& vault, const Secret& before, Secret& after);
// Seals what was given into a row that has its key.
void seal_given(const Vault& vault, Secret& secret);

// Whether a value can be used as this type; fails with `invalid`. "" is none.
Result<void> check_secret_value(SecretType type, const std::string& value);

// Whether a value is all that the type needs: "authenticated" then.
bool is_value_enough(SecretType type);

}  // namespace bellpull
