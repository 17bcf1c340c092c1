// The steps that the agent records, and what it reads back of them (domain/transcript.h lists the
// members of their contents).
//
// Invariant: what a model is told of a run is a function of its steps, so an attempt that resumes
// goes on exactly where the last one was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/action.h"
#include "agent/exchange.h"
#include "agent/settling.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/run.h"
#include "domain/step.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

// A run that has met its conversation shows its end there; one that never did can't.
enum class Shown : std::uint8_t { in_conversation, nowhere };

// The content of the opening step: the trigger as it is now. The store adds the contact that it
// finds or makes in the same commit; with_contact() is the same for this attempt's own eyes.
boost::json::object opened_content(const boost::json::object& trigger, std::string_view timezone,
                                   TimePoint now);
boost::json::object with_contact(boost::json::object opening, const Contact& contact);
NewStep opened_step(const boost::json::object& content);
NewStep model_step(const ModelAnswer& answer, Duration took);
NewStep intent_step(const ExchangeCall& call, const boost::json::object& arguments);
NewStep result_step(std::int64_t intent, const ActionOutcome& outcome, Duration took);
// Something the runtime tells the model.
NewStep nudge_step(std::string_view text);
// Why an attempt failed; the model is not told.
NewStep failure_step(std::string_view text);
NewStep settled_step(const Ending& ending, Shown shown);

// A result as the model is told it: a text as it is, anything else as JSON, cut at `limit` bytes.
std::string result_text(const boost::json::value& result, std::size_t limit);

// Told instead of a result when nobody knows whether the call took effect (product.md, P5).
ActionOutcome unknown_outcome();

// The state that an action's settlement ends the run in.
RunState state_of(Settlement settlement);

// What earlier attempts recorded.
struct RecordedRun {
  bool opened = false;
  boost::json::object opening;
  std::vector<Exchange> exchanges;
  std::int64_t last_step = 0;
  std::int64_t nudges = 0;
};

// `run` with the steps that follow the ones it has.
RecordedRun read_journal(RecordedRun run, std::span<const Step> steps, std::size_t result_limit);

}  // namespace bellpull
