#include "api/blueprint_limits.h"

#include <fmt/core.h>

#include "base/result.h"

namespace bellpull {

Error too_many_bytes() {
  return {ErrorCode::invalid,
          fmt::format("The resources have more than {} bytes of text, which is the most for this",
                      max_new_bytes),
          "divide the blueprint into several"};
}

}  // namespace bellpull
