#include "mcp/tool.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/result.h"
#include "mcp/header_value.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_function_name = 64;
constexpr std::size_t mark_digits = 6;

std::size_t depth_of(const json::value& value) {
  std::size_t deepest = 0;
  if (const auto* const object = value.if_object()) {
    for (const auto& [name, inner] : *object) deepest = std::max(deepest, depth_of(inner) + 1);
  } else if (const auto* const array = value.if_array()) {
    for (const json::value& inner : *array) deepest = std::max(deepest, depth_of(inner) + 1);
  }
  return deepest;
}

// Members in the order of their names, so that a server that writes them in another order has not
// changed anything.
json::value in_order(const json::value& value) {
  if (const auto* const object = value.if_object()) {
    std::map<std::string, json::value> sorted;
    for (const auto& [name, inner] : *object) sorted.emplace(name, in_order(inner));
    json::object result;
    for (auto& [name, inner] : sorted) result.emplace(name, std::move(inner));
    return result;
  }
  if (const auto* const array = value.if_array()) {
    json::array result;
    for (const json::value& inner : *array) result.push_back(in_order(inner));
    return result;
  }
  return value;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string sha256_hex(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not there");
  }
  return to_hex(digest);
}

std::string fingerprint_of(const McpTool& tool) {
  return sha256_hex(
      json::serialize(json::array{tool.name, tool.description, in_order(tool.input_schema)}));
}

bool is_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-';
}

Result<json::object> read_schema(const json::value* value) {
  const auto* const object = value == nullptr ? nullptr : value->if_object();
  if (object == nullptr) return fail(ErrorCode::invalid, "it has no inputSchema");
  if (depth_of(*value) > max_schema_depth) {
    return fail(ErrorCode::invalid,
                fmt::format("its schema is nested deeper than {}", max_schema_depth));
  }
  if (json::serialize(*value).size() > max_schema_bytes) {
    return fail(ErrorCode::invalid,
                fmt::format("its schema is larger than {} bytes", max_schema_bytes));
  }
  json::object schema = *object;
  const auto* const type = schema.if_contains("type");
  if (type != nullptr && *type != "object") {
    return fail(ErrorCode::invalid, "its schema is of no object");
  }
  schema["type"] = "object";
  return schema;
}

}  // namespace

Result<McpTool> read_tool(const json::value& value) {
  const auto* const object = value.if_object();
  if (object == nullptr) return fail(ErrorCode::invalid, "it is no object");
  McpTool tool;
  tool.name = text_of(*object, "name");
  const bool is_named = !tool.name.empty() && tool.name.size() <= max_tool_name_bytes &&
                        std::ranges::all_of(tool.name, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!is_named) return fail(ErrorCode::invalid, "its name is none");
  tool.description = text_of(*object, "description");
  if (tool.description.empty()) tool.description = text_of(*object, "title");
  if (tool.description.size() > max_tool_description_bytes) {
    return fail(ErrorCode::invalid,
                fmt::format("its description is larger than {} bytes", max_tool_description_bytes));
  }
  auto schema = read_schema(object->if_contains("inputSchema"));
  if (!schema) return std::unexpected(std::move(schema.error()));
  tool.input_schema = std::move(*schema);
  auto mirrored = mirrored_parameters(tool.input_schema);
  if (!mirrored) return std::unexpected(std::move(mirrored.error()));
  tool.mirrored = std::move(*mirrored);
  tool.fingerprint = fingerprint_of(tool);
  return tool;
}

std::string function_name(std::string_view server, std::string_view tool) {
  std::string name = fmt::format("{}__{}", server, tool);
  const bool fits = name.size() <= max_function_name && std::ranges::all_of(name, is_letter);
  if (fits) return name;
  std::ranges::replace_if(name, [](char c) { return !is_letter(c); }, '_');
  name.resize(std::min(name.size(), max_function_name - mark_digits - 1));
  return fmt::format("{}_{}", name, sha256_hex(tool).substr(0, mark_digits));
}

}  // namespace bellpull
