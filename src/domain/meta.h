// The values of a `meta` object that lists can be filtered by: its texts, numbers and booleans,
// each under the path of its keys. Null, arrays and objects are no values.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <boost/json/object.hpp>

namespace bellpull {

// Keys of the longest path.
inline constexpr std::size_t max_meta_depth = 8;

// The value at a path as filters name it: a text is itself, a number its shortest decimal text.
std::optional<std::string> meta_text(const boost::json::object& meta,
                                     std::span<const std::string> path);

using VisitMeta = std::function<void(std::span<const std::string> path, const std::string& text)>;

// Every value that meta_text() gives for some path of at most max_meta_depth keys, in the object's
// order.
void visit_meta(const boost::json::object& meta, const VisitMeta& visit);

}  // namespace bellpull
