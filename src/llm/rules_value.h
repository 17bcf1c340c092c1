// How builtin/rules takes values: as texts, as numbers, equal or ordered.
//
// A text that is a number as JSON writes it counts as that number beside a number, because senders
// differ: 17 equals "17". Two texts are equal only letter by letter.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace bellpull {

// As a text that is inserted: texts as they are, lists and objects as JSON.
std::string inserted_text(const boost::json::value& value);

// What a text without quotes means: true, false, a number as JSON writes it, else the text.
boost::json::value plain_value(std::string_view text);

bool equal_values(const boost::json::value& left, const boost::json::value& right);

// Numbers by size, two texts that are no numbers byte by byte; nothing for other pairs.
std::optional<std::partial_ordering> compare_values(const boost::json::value& left,
                                                    const boost::json::value& right);

// "a text", "a list": for a message.
std::string_view kind_of(const boost::json::value& value);

// At most 200 bytes of a text for a message, cut between characters.
std::string shown(std::string_view text);

}  // namespace bellpull
