// How builtin/demo fills a function's parameters from an event.
#pragma once

#include <optional>

#include <boost/json/object.hpp>

#include "llm/demo_event.h"
#include "llm/provider.h"

namespace bellpull {

// Arguments for `tool`, or nothing when a required parameter finds no field. A field fits by its
// name ("orderId" for order_id or order.id), then by its words all being in the parameter's
// description, and only when its value has the declared type. Optional parameters go by name only.
std::optional<boost::json::object> arguments_from(const DemoEvent& event,
                                                  const ToolDefinition& tool);

}  // namespace bellpull
