// The request methods that a route can name.
#pragma once

#include <cstdint>
#include <string_view>

namespace bellpull {

// NOLINTNEXTLINE(readability-identifier-naming): delete is a keyword
enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

// "GET"; `other` for every method that no route can name.
std::string_view to_string(Method method);
// Methods are case-sensitive: "get" is `other`.
Method parse_method(std::string_view name);

}  // namespace bellpull
