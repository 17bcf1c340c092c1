// A neutral request in the form of Anthropic's Messages, version 2023-06-01.
#pragma once

#include <string>

#include "base/result.h"
#include "llm/anthropic_settings.h"
#include "llm/provider.h"

namespace bellpull {

// The body of the request. The content of an assistant turn that this server wrote goes back as it
// was, signatures included; a turn without content is left out, and turns of one role that follow
// each other are one message. Two points are marked for the server's cache: the end of the system
// text, which it reads behind the tools, and the end of the conversation.
//
// Fails for an option of the model string that is not what it should be.
Result<std::string> anthropic_request_body(const ModelRequest& request,
                                           const AnthropicSettings& settings);

}  // namespace bellpull
