// The parts of a fetch that is written as a map: api-contract.md, B.4, form 3.
#pragma once

#include <boost/json/object.hpp>

#include "action/input_fields.h"
#include "egress/http_call.h"

namespace bellpull {

// Problems are added to `fields`, which reads `input`.
HttpCall call_of_map(const boost::json::object& input, InputFields& fields);

}  // namespace bellpull
