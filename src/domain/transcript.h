// How a step appears in its conversation: the messages that people read are made from the journal
// (api-contract.md 1.18 and 2.1). A message refers to a part of a step and is rendered when it is
// read, so that a body or an answer is kept once. A call appears when its result is recorded, as
// two consecutive messages; until then it is in the journal only.
//
// Contents of a step, by kind (JSON objects):
//   opened   {"trigger": {"name", "description", "meta"}, "ranAt", "timezone", "contact"}
//   model    {"model", "text", "reasoning", "calls": [{"id", "name", "arguments"}], "stop",
//   "usage",
//             "verbatim", "requestId", "durationMs"}; arguments are the model's raw text
//   intent   {"call", "name", "arguments", "key", "idempotent"}
//   result   {"intent": number of the intent step, "result", "isError", "durationMs"}, and
//             "outcomeUnknown": true where nobody knows whether the call took effect
//   note     {"note": one word, "text"}
//   settled  {"status", "outcome", "reason"}
//   resolved {"of": number of the result step, "intent", "outcome": "done" or "not_done", "result",
//             "note", "resolvedAt"}
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/time.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/step.h"

namespace bellpull {

// Parts of steps that messages are made of.
namespace part {
inline constexpr std::int64_t instruction = 0;       // opened
inline constexpr std::int64_t event_request = 1;     // opened
inline constexpr std::int64_t event_response = 2;    // opened
inline constexpr std::int64_t trigger_request = 3;   // opened
inline constexpr std::int64_t trigger_response = 4;  // opened
inline constexpr std::int64_t text = 0;              // model
inline constexpr std::int64_t reasoning = 1;         // model
inline constexpr std::int64_t call_request = 0;      // result
inline constexpr std::int64_t call_response = 1;     // result
inline constexpr std::int64_t status_request = 0;    // settled
inline constexpr std::int64_t status_response = 1;   // settled
}  // namespace part

// Names of the activities that the runtime records itself.
inline constexpr std::string_view incoming_event_function = "_getIncomingEvent";
inline constexpr std::string_view trigger_details_function = "_getTriggerDetails";
inline constexpr std::string_view run_status_function = "_checkTriggerRunStatus";

// What a run's opening tells the model; also the text of the instruction message.
std::string_view opening_instruction();

// The journal around a step, read when a message needs it.
struct JournalReader {
  // The content of another step of the same run.
  std::function<boost::json::object(std::int64_t number)> step;
  // The run's event, body included; its body is absent once retention has removed it.
  std::function<Event()> event;
  // The content of the step that resolved this step's call; empty when none did.
  std::function<boost::json::object()> resolution;
};

// The result of `_getIncomingEvent`.
boost::json::object incoming_event(const boost::json::object& opened, const Event& event);
// The result of `_getTriggerDetails`.
boost::json::object trigger_details(const boost::json::object& opened);

// A note of this name says why an attempt failed; the model is not told.
inline constexpr std::string_view failure_note = "attempt_failed";
// What the note of a failed attempt says; empty for any other note.
std::string failure_text(const boost::json::object& content);

// The result of a call that nobody knows the outcome of (product.md, P5).
boost::json::object unknown_result();
// The result of a call that only waited, for a time or a person, when its run ended.
boost::json::object unawaited_result();
// The same of a call that said so itself: why, in the words of what made it.
boost::json::object unknown_result(std::string_view why);
// Whether a result step is of such a call.
bool is_unknown(const boost::json::object& result);

// What a person found out about such a call.
struct Resolution {
  enum class Outcome : std::uint8_t { done, not_done };
  Outcome outcome = Outcome::done;
  std::optional<boost::json::value> result;  // that the call would have given
  std::string note;
};
inline constexpr std::array<std::string_view, 2> resolution_names = {"done", "not_done"};

// The content of the step that says so. `of` is the number of the result step, `result` its
// content.
boost::json::object resolved_content(std::int64_t of, const boost::json::object& result,
                                     const Resolution& resolution, TimePoint now);
// Whether two of them say the same, whenever they said it.
bool is_same_resolution(boost::json::object one, boost::json::object other);
// What the call's result reads as since; `resolved` is the content of that step.
boost::json::object resolved_result(const boost::json::object& resolved);
// Whether it took effect.
bool is_done(const boost::json::object& resolved);

// The meta of an activity message (api-contract.md 1.18): of a request, or with a result, of its
// response. `id` pairs the two even when two calls look alike; it may be empty.
boost::json::object activity_meta(std::string_view id, const boost::json::value& name,
                                  boost::json::value arguments, const boost::json::value* result);

// Fills the text and meta of a message from the part of a step that it refers to.
void render_part(Message& message, StepKind kind, std::int64_t part,
                 const boost::json::object& content, const JournalReader& journal);

}  // namespace bellpull
