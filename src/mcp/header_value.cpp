#include "mcp/header_value.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <openssl/evp.h>

#include "base/result.h"
#include "egress/http_call.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view base64_begin = "=?base64?";
constexpr std::string_view base64_end = "?=";
constexpr std::size_t max_parameters = 64;

std::string to_base64(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

bool is_plain(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (!text.empty() && (is_blank(text.front()) || is_blank(text.back()))) return false;
  if (text.starts_with(base64_begin) && text.ends_with(base64_end)) return false;
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_header_token(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool is_mirrorable(const json::object& property) {
  const auto* const type = property.if_contains("type");
  return type != nullptr && (*type == "string" || *type == "integer" || *type == "boolean");
}

Result<void> collect(const json::object& schema, const std::vector<std::string>& path,
                     std::vector<MirroredParameter>& found) {
  const auto* const properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return {};
  for (const auto& [name, value] : properties->get_object()) {
    const auto* const property = value.if_object();
    if (property == nullptr) continue;
    std::vector<std::string> inner = path;
    inner.emplace_back(name);
    if (const auto* const header = property->if_contains("x-mcp-header"); header != nullptr) {
      const std::string text =
          header->is_string() ? std::string(header->get_string()) : std::string();
      const std::string what = fmt::format("x-mcp-header of {}", std::string_view(name));
      if (!is_header_token(text)) return fail(ErrorCode::invalid, what + " is no header name");
      if (!is_mirrorable(*property)) {
        return fail(ErrorCode::invalid, what + " is on no string, integer or boolean");
      }
      const bool is_taken = std::ranges::any_of(
          found, [&](const MirroredParameter& one) { return same_name(one.header, text); });
      if (is_taken) return fail(ErrorCode::invalid, what + " is used twice");
      if (found.size() == max_parameters) return fail(ErrorCode::invalid, "too many x-mcp-header");
      found.push_back({inner, text});
    }
    if (auto done = collect(*property, inner, found); !done) return done;
  }
  return {};
}

const json::value* value_at(const json::object& arguments, const std::vector<std::string>& path) {
  const json::object* object = &arguments;
  const json::value* value = nullptr;
  for (const std::string& name : path) {
    value = object == nullptr ? nullptr : object->if_contains(name);
    if (value == nullptr) return nullptr;
    object = value->if_object();
  }
  return value;
}

}  // namespace

std::string mcp_header_value(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  return fmt::format("{}{}{}", base64_begin, to_base64(text), base64_end);
}

Result<std::vector<MirroredParameter>> mirrored_parameters(const json::object& schema) {
  std::vector<MirroredParameter> found;
  if (auto done = collect(schema, {}, found); !done) return std::unexpected(done.error());
  return found;
}

std::vector<HttpField> parameter_headers(const std::vector<MirroredParameter>& parameters,
                                         const json::object& arguments) {
  std::vector<HttpField> headers;
  for (const MirroredParameter& parameter : parameters) {
    const auto* const value = value_at(arguments, parameter.path);
    if (value == nullptr || value->is_null()) continue;
    const std::string text =
        value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    headers.push_back({"Mcp-Param-" + parameter.header, mcp_header_value(text)});
  }
  return headers;
}

}  // namespace bellpull
