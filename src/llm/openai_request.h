// A neutral request in the form of Chat Completions.
#pragma once

#include <string>

#include "base/result.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"

namespace bellpull {

// The body of the request. An assistant turn that has the server's own message is sent as that very
// text. Fails for an option of the model string that is no number where one is wanted.
Result<std::string> openai_request_body(const ModelRequest& request,
                                        const OpenAiSettings& settings);

}  // namespace bellpull
