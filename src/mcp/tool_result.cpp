#include "mcp/tool_result.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string named(std::string_view what, std::string_view name, std::string_view kind) {
  std::string text = fmt::format("[{}", what);
  if (!name.empty()) text += fmt::format(" {}", name);
  if (!kind.empty()) text += fmt::format(", {}", kind);
  return text + ", not shown]";
}

std::string describe_resource(const json::object& block) {
  const auto* const inner = block.if_contains("resource");
  const auto* const resource = inner == nullptr ? nullptr : inner->if_object();
  if (resource == nullptr) return named("resource", {}, {});
  const std::string uri = text_of(*resource, "uri");
  const auto* const text = resource->if_contains("text");
  if (text != nullptr && text->is_string()) {
    return fmt::format("[resource {}]\n{}", uri, std::string_view(text->get_string()));
  }
  return named("resource", uri, text_of(*resource, "mimeType"));
}

std::string describe(const json::value& value) {
  const auto* const block = value.if_object();
  if (block == nullptr) return {};
  const std::string type = text_of(*block, "type");
  if (type == "text") return text_of(*block, "text");
  if (type == "resource") return describe_resource(*block);
  if (type == "resource_link") {
    return named("resource", text_of(*block, "uri"), text_of(*block, "mimeType"));
  }
  return named(type.empty() ? "content" : type, {}, text_of(*block, "mimeType"));
}

// What we would refuse from anybody else cannot become part of a run either.
bool is_storable(const std::string& text) { return parse_foreign(text).has_value(); }

}  // namespace

McpToolResult read_tool_result(const json::object& result, std::size_t max_bytes) {
  McpToolResult read;
  const auto* const is_error = result.if_contains("isError");
  read.is_error = is_error != nullptr && is_error->is_bool() && is_error->get_bool();
  const auto* const content = result.if_contains("content");
  if (content != nullptr && content->is_array()) {
    for (const json::value& block : content->get_array()) {
      if (read.text.size() > max_bytes) break;
      if (!read.text.empty()) read.text += '\n';
      read.text += describe(block);
    }
  }
  std::string structured_text;
  const auto* const structured = result.if_contains("structuredContent");
  if (structured != nullptr && !structured->is_null())
    structured_text = json::serialize(*structured);
  if (read.text.empty()) read.text = structured_text;
  if (!is_utf8(read.text)) read.text = "[text that is no UTF-8, not shown]";
  if (read.text.size() > max_bytes) {
    read.truncated = true;
    read.text =
        fmt::format("{}\n[cut after {} bytes]", cut_at_character(read.text, max_bytes), max_bytes);
    return read;
  }
  const bool fits = !structured_text.empty() && structured_text.size() <= max_bytes;
  if (fits && is_storable(structured_text)) read.structured = *structured;
  return read;
}

}  // namespace bellpull
