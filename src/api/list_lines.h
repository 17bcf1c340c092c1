// One item of a streamed list as text, in each of the streamed forms.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/media.h"
#include "base/result.h"

namespace bellpull {

std::string_view content_type_of(ListForm form);

// What stands before the first item: the column names of a CSV, else nothing.
std::string list_head(ListForm form, const boost::json::object& first_item);

// JSON Lines and server-sent events are ASCII only: a client may decode each network chunk by
// itself. A CSV line has the values in the order of the item's keys.
std::string list_line(ListForm form, const boost::json::object& item);

// A line of another type than an item's.
std::string list_line(ListForm form, std::string_view type, const boost::json::object& data);

// An event of an engine's stream (api-contract.md 1.14), with its time where the form has a place
// for it.
std::string engine_line(ListForm form, std::string_view type, const boost::json::object& data,
                        const boost::json::value& created_at);

// Says nothing, so that a stream that waits is not taken for dead; empty for a CSV.
std::string list_nop(ListForm form);

// The end of a stream that fails; empty for a CSV, which has no way to say it.
std::string list_failure(ListForm form, const Error& error);

}  // namespace bellpull
