#include "domain/run.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bellpull {

namespace {

constexpr std::array<std::string_view, 9> names = {
    "queued", "running",    "waiting",  "retrying", "succeeded",
    "failed", "incomplete", "canceled", "dead",
};

}  // namespace

std::string_view run_state_name(RunState state) { return names[static_cast<std::size_t>(state)]; }

std::optional<RunState> parse_run_state(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<RunState>(i);
  }
  return std::nullopt;
}

}  // namespace bellpull
