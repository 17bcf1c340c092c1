// Values between JSON and PostgreSQL's text forms.
#pragma once

#include <optional>
#include <postgres_ext.h>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace bellpull {

// Its type is left to the server, which takes it from where the parameter stands. Nothing for null.
std::optional<std::string> parameter_text(const boost::json::value& value);

// What a cell holds; see QueryReply.
boost::json::value cell_value(Oid type, std::string_view text);

}  // namespace bellpull
