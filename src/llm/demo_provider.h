// builtin/demo: a deterministic stand-in for a model, without a key and without a network.
//
// It reads the newest event, calls every function whose required parameters the event's fields can
// fill, all at once, and then settles the run with a summary. It does not understand language, and
// its answers say so.
#pragma once

#include <expected>

#include "base/task.h"
#include "llm/provider.h"

namespace bellpull {

class DemoProvider final : public Provider {
 public:
  Task<std::expected<ModelAnswer, Failure>> complete(ModelRequest request) override;
};

// What builtin/demo answers; depends on nothing but the request.
ModelAnswer demo_answer(const ModelRequest& request);

}  // namespace bellpull
