#include "domain/step.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace bellpull {

std::string_view step_kind_name(StepKind kind) {
  return step_kind_names.at(static_cast<std::size_t>(kind));
}

}  // namespace bellpull
