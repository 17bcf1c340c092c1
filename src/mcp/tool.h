// A tool as its server describes it. Everything in it is the server's word: untrusted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "mcp/header_value.h"

namespace bellpull {

struct McpTool {
  std::string name;
  std::string description;
  boost::json::object input_schema;  // of an object; a `$ref` to elsewhere is never fetched
  std::vector<MirroredParameter> mirrored;
  // Hex; of name, description and schema. Another one means that the tool is not what was approved.
  std::string fingerprint;
};

inline constexpr std::size_t max_tool_name_bytes = 128;
inline constexpr std::size_t max_tool_description_bytes = std::size_t{16} * 1024;
inline constexpr std::size_t max_schema_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t max_schema_depth = 20;

// Fails, saying why, for a tool that cannot be offered.
Result<McpTool> read_tool(const boost::json::value& value);

// The name under which a model calls it: [A-Za-z0-9_-]{1,64}, with the server's name before it, the
// same as long as both names are. Two tools of one server whose names differ have two, too.
std::string function_name(std::string_view server, std::string_view tool);

}  // namespace bellpull
