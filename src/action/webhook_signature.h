// Signatures of outbound webhooks: Standard Webhooks 1.0 (standardwebhooks.com), symmetric.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace bellpull {

// The value of `webhook-signature`: "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
// A secret that begins with "whsec_" is base64 behind it; any other is the key as it stands. Fails
// with `invalid` when it is no key.
Result<std::string> webhook_signature(std::string_view secret, std::string_view id, TimePoint time,
                                      std::string_view body);

// The value of `webhook-timestamp`: whole seconds.
std::string webhook_timestamp(TimePoint time);

}  // namespace bellpull
