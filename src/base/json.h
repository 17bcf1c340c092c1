// JSON as text: what others sent, and what Bellpull itself wrote.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

// How deep a value may be nested that is to become part of a run. Steps, messages and lists are
// wrapped around it, and what comes of that is still within the usual limit of readers, 32.
inline constexpr std::size_t max_foreign_depth = 24;

// And how many values it may have, lists and objects among them.
inline constexpr std::size_t max_foreign_values = 4'000'000;

// Nothing for what is no JSON, is nested deeper than max_foreign_depth or has more values.
std::optional<boost::json::value> parse_foreign(std::string_view text);

// A JSON object that Bellpull itself wrote, as deep as it may have become; nothing when it can't be
// read.
std::optional<boost::json::object> read_stored(std::string_view text);
// The same; {} when it can't be read, so that one bad row does not hide the others.
boost::json::object parse_stored(std::string_view text);

}  // namespace bellpull
