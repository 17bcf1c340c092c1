// The options of `trigger schedule` that say how a schedule fires, as members of an update.
#pragma once

#include <vector>

#include <boost/json/object.hpp>

#include "cli/arguments.h"
#include "cli/failure.h"

namespace bellpull::cli {

// With the time zone, as every command names it that takes one.
std::vector<Option> schedule_options();
Option timezone_option();

// What the options change of a trigger; "none" takes a value away. Fails with `usage`.
Outcome<boost::json::object> schedule_change(const Arguments& arguments,
                                             const boost::json::object& trigger);

}  // namespace bellpull::cli
