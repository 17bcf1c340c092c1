// What a model is given: instructions it can trust, then the conversation, then the event as a
// result of a call.
//
// Invariant: nothing an event says is in the system turn or in a user turn; contact fields are the
// event's words, too (product.md 4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "agent/exchange.h"
#include "agent/history.h"
#include "agent/run_plan.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "llm/provider.h"

namespace bellpull {

// The backstory with its placeholders filled in (docs/architecture.md, "Context"), then the rules
// of background runs. `ran_at` and `timezone` are the opening's, so that an attempt that resumes
// says the same.
std::string system_text(const RunPlan& plan, std::string_view extra_backstory,
                        std::string_view ran_at, std::string_view timezone);

// The turns before the model's first answer.
std::vector<Turn> opening_turns(const RunPlan& plan, History history,
                                const boost::json::object& opening, const Event& event);

// What an exchange whose calls are done adds.
void add_exchange(std::vector<Turn>& turns, Exchange exchange);

}  // namespace bellpull
