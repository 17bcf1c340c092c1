// JSON Web Tokens that a secret of type jwt stands for (RFC 7519, RS256 of RFC 7518).
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "base/time.h"

namespace bellpull {

inline constexpr Duration signed_token_lifetime = std::chrono::seconds{600};

// Whether a jwt secret's value is a private key; any other is a token that somebody else made.
bool is_private_key(const std::string& value);

// Signed with the key, valid from now for ten minutes. Of `config` it takes issuer, subject,
// audience, keyId and claims (an object, which may replace all but the times). Fails for a key that
// is no RSA key.
Result<std::string> sign_token(const std::string& private_key, const boost::json::object& config,
                               TimePoint now);

}  // namespace bellpull
