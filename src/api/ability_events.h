// What a call by hand looks like on the wire: its events, and the result that they end with
// (api-contract.md 1.14, 2.4).
//
// Pure. Threads: any.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/ability_bench.h"
#include "api/schema.h"

namespace bellpull {

// {"id", "action": {"id", "kind", "name", "input"}}: of `operationBegin` and `operationEnd`.
boost::json::object operation_event(std::string_view call, std::string_view ability,
                                    const AbilityBench::Begun& begun);
// The activity pair that a run would have recorded.
boost::json::object request_message(std::string_view call, const AbilityBench::Begun& begun);
boost::json::object response_message(std::string_view call, const AbilityBench::Begun& begun,
                                     const boost::json::value& result);

// {"usage", "error" or "result", "messages"}; with "outcomeUnknown": true where nobody knows
// whether the call took effect.
boost::json::object trial_result(std::string_view call, const AbilityBench::Tried& tried);
Schema trial_result_schema();
// What went wrong, in one text.
std::string error_text(const boost::json::value& result);

}  // namespace bellpull
