// The configuration of a secret: a JSON object whose members depend on the secret's type, some of
// which are secrets themselves.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "domain/secret.h"

namespace bellpull {

// What stands for a secret member where a configuration is shown.
inline constexpr std::string_view secret_mask = "********";

// Whether a member of this name is a secret itself, at any depth: one that ends in secret, token,
// password, passphrase or key, like "clientSecret" and "api_key".
bool is_secret_member(std::string_view name);

// With every secret member, whatever it holds, shown as the mask, or left out; null is shown.
boost::json::object masked(const boost::json::object& config);
boost::json::object without_secrets(const boost::json::object& config);
// With every mask replaced by what is kept in the same place. Fails with `invalid` where nothing
// is.
Result<boost::json::object> unmasked(const boost::json::object& given,
                                     const boost::json::object& kept);

// Whether the type takes it: addresses are http(s) URLs, names are texts; `hosts`, which any type
// may have, are those that it may be sent to. Tells every problem.
Result<void> check_secret_config(SecretType type, const boost::json::object& config);

}  // namespace bellpull
