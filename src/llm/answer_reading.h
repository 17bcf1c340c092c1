// What the readers of models' answers share: servers leave members out, or write null for them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "llm/provider.h"

namespace bellpull {

// Nothing where there is no such member, or null.
const boost::json::value* member_of(const boost::json::object& object, std::string_view name);
const boost::json::value* member_of(const boost::json::value& value, std::string_view name);

// Empty where there is no text of that name.
std::string text_of(const boost::json::object& object, std::string_view name);
std::string text_of(const boost::json::value& value, std::string_view name);

// A number of tokens; 0 where there is none, and never so large that the sums of an account
// overflow. `usage` may be null.
std::int64_t count_of(const boost::json::value* usage, std::string_view name);

bool is_json_object(std::string_view text);

// An answer that can't be read; another try may bring one that can.
std::unexpected<Failure> bad_answer(std::string_view what);

}  // namespace bellpull
