// What a modern tool asks back before it goes on (`resultType` "input_required").
//
// We announce that we can answer nothing, so a server that keeps the rules never asks. One that
// does is answered as by a person who declines, once and for what has such an answer.
#pragma once

#include <optional>

#include <boost/json/object.hpp>

namespace bellpull {

bool asks_for_input(const boost::json::object& result);

// The members that the repeated request carries: every question declined, the server's state as it
// was. Nothing when there is a question that cannot be declined (sampling, roots).
std::optional<boost::json::object> declined_input(const boost::json::object& result);

}  // namespace bellpull
