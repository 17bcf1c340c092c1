// For abilities whose instructions name nothing of the server's: no name has a value.
#pragma once

#include <string>
#include <vector>

#include "action/action.h"
#include "action/references.h"
#include "base/result.h"
#include "base/task.h"

namespace bellpull {

class NoReferences final : public ReferenceSource {
 public:
  Task<Result<ResolvedNames>> resolve(std::vector<std::string> names, CallContext,
                                      AbilityLinks) override {
    co_return fail(ErrorCode::invalid, "Nothing was sent: " + names.front() + " has no value");
  }
};

}  // namespace bellpull
