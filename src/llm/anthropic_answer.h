// What a server of Anthropic's Messages said, read leniently.
#pragma once

#include <expected>
#include <string_view>

#include "llm/provider.h"

namespace bellpull {

// `body` of a reply with status 200. An answer that can't be read is `bad_answer`, retryable; an
// error object in it is classified like one with a status of failure. The messages quote the server
// and are not redacted.
std::expected<ModelAnswer, Failure> read_anthropic_answer(std::string_view body);

}  // namespace bellpull
