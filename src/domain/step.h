// One recorded thing in a run. A run's steps are its journal: append-only, each committed as it
// happens, and what an attempt resumes from (product.md, P4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

enum class StepKind : std::uint8_t {
  opened = 0,    // the run met its contact and conversation; content: the trigger as it was then
  model = 1,     // a model's answer, before any of its calls is made
  intent = 2,    // a call is about to be made
  result = 3,    // what the call gave
  note = 4,      // something the runtime told the model, or a failed attempt
  settled = 5,   // how the run ended
  resolved = 6,  // what a person found out about a call whose outcome nobody knew
};

inline constexpr std::array<std::string_view, 7> step_kind_names = {
    "opened", "model", "intent", "result", "note", "settled", "resolved"};
std::string_view step_kind_name(StepKind kind);

struct Step {
  StepId id;
  StepKind kind = StepKind::note;
  std::int64_t attempt = 0;
  TimePoint created_at;
  std::string content = "{}";  // a JSON object; its members depend on the kind, see agent/journal.h
};

}  // namespace bellpull
