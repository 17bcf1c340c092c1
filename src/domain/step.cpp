#include "domain/step.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace bellpull {

std::string_view step_kind_name(StepKind kind) {
  static constexpr std::array<std::string_view, 6> names = {"opened", "model", "intent",
                                                            "result", "note",  "settled"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace bellpull
