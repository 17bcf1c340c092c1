// builtin/rules: follows a small program in the bot's backstory, without a key and without a
// network. It understands no language; docs/rules.md is the reference of its own.
//
// A broken program is a final failure that says what is wrong in which line. What the event lacks,
// or an ability refuses, ends the run by `_failure`.
#pragma once

#include <expected>

#include "base/task.h"
#include "llm/provider.h"

namespace bellpull {

class RulesProvider final : public Provider {
 public:
  Task<std::expected<ModelAnswer, Failure>> complete(ModelRequest request) override;
};

// What builtin/rules answers; depends on nothing but the request.
std::expected<ModelAnswer, Failure> rules_answer(const ModelRequest& request);

}  // namespace bellpull
