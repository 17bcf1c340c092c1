// The server's names in instructions: secrets, linked resources, and whose run it is.
#pragma once

#include <string>
#include <vector>

#include "action/action.h"
#include "action/block.h"
#include "base/result.h"
#include "base/task.h"

namespace bellpull {

struct ResolvedNames {
  ServerValues values;
  std::vector<UsedSecret> secrets;
  // Whatever would give a secret away when it is shown: its value, and its parts.
  std::vector<std::string> hidden;
};

class ReferenceSource {
 public:
  virtual ~ReferenceSource() = default;

  // Fails, naming it, for a name without a value: nothing may leave with a name in it (W52).
  // Throws StoreUnavailable. Threads: the worker's executor only.
  virtual Task<Result<ResolvedNames>> resolve(std::vector<std::string> names, CallContext context,
                                              AbilityLinks links) = 0;
};

}  // namespace bellpull
