// What a tool gave back, as a model may read it.
#pragma once

#include <cstddef>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

struct McpToolResult {
  // The tool's own failure, which its text explains to the model; nothing about the server's
  // health.
  bool is_error = false;
  std::string text;               // images and resources are named in it, their bytes left out
  boost::json::value structured;  // null when there is none, or when `text` was cut
  bool truncated = false;         // the text ends with a mark that says so
};

// `result` is that of tools/call. Text beyond `max_bytes` is cut between characters.
McpToolResult read_tool_result(const boost::json::object& result, std::size_t max_bytes);

}  // namespace bellpull
