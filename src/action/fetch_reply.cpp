#include "action/fetch_reply.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/fetch_request.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/result.h"
#include "base/text.h"
#include "egress/http_call.h"
#include "egress/redaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What helps a model to go on; the rest is for machines.
constexpr auto shown_headers =
    std::to_array<std::string_view>({"content-type", "location", "retry-after", "link"});

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0U | (byte >> 6U));
      text += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return text;
}

// A cut in the middle of a character leaves up to three bytes of it.
void drop_half_character(std::string& text) {
  for (int i = 0; i < 3 && !text.empty() && !is_utf8(text); ++i) text.pop_back();
}

// Nothing for bytes that are no text.
std::optional<std::string> as_text(HttpReply& reply, std::string_view content_type) {
  std::string text = std::move(reply.body);
  if (content_type.contains("iso-8859-1") || content_type.contains("windows-1252")) {
    text = from_latin1(text);
  }
  if (reply.truncated) drop_half_character(text);
  if (!is_utf8(text) || text.contains('\0')) return std::nullopt;
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

struct Body {
  json::value value;
  bool is_json = false;
};

Body read_body(const std::string& text, std::string_view content_type, FetchFormat format,
               bool truncated) {
  if (truncated) {
    return {.value = json::value(text + fmt::format("\n[truncated after {} bytes]", text.size()))};
  }
  const bool as_json = format == FetchFormat::json ||
                       (format == FetchFormat::by_type && content_type.contains("json"));
  std::optional<json::value> parsed = as_json ? parse_foreign(text) : std::nullopt;
  if (!parsed) return {.value = json::value(text)};
  return {.value = std::move(*parsed), .is_json = true};
}

// What the instruction asked for of a body, instead of all of it; or why it cannot be had.
Result<void> extract(json::value& body, const FetchReading& reading) {
  if (reading.jmespath) {
    auto found = reading.jmespath->search(body);
    if (!found) return fail(ErrorCode::invalid, "jmespath: " + found.error().message);
    body = std::move(*found);
  } else if (reading.jsonpath) {
    auto found = reading.jsonpath->search(body);
    if (!found) return fail(ErrorCode::invalid, "jsonpath: " + found.error().message);
    std::optional<json::value>& part = *found;
    if (!part) {
      return fail(ErrorCode::invalid,
                  fmt::format("The body has nothing at {}", reading.jsonpath->text()));
    }
    body = std::move(*part);
  }
  return {};
}

bool needs_json(const FetchReading& reading) {
  return reading.format == FetchFormat::json || reading.jmespath || reading.jsonpath;
}

}  // namespace

ActionOutcome outcome_of(HttpReply reply, const FetchReading& reading, const Redactor* redactor) {
  json::object headers;
  for (const std::string_view name : shown_headers) {
    const auto value = reply.header(name);
    if (value && is_utf8(*value)) headers[name] = *value;
  }
  json::object result;
  result["status"] = reply.status;
  const bool success = reply.status >= 200 && reply.status < 300;
  if (!success) result["error"] = fmt::format("The server answered with status {}", reply.status);
  if (!headers.empty()) result["headers"] = std::move(headers);
  const std::string content_type = lower(reply.header("content-type").value_or(""));
  auto text = as_text(reply, content_type);
  if (!text) {
    result["error"] = "The server answered with binary data, which cannot be shown";
    return {.result = std::move(result), .is_error = true};
  }
  const FetchFormat format = needs_json(reading) ? FetchFormat::json : reading.format;
  Body body = read_body(*text, content_type, format, reply.truncated);
  if (redactor != nullptr) redact(body.value, *redactor);
  bool is_error = !success;
  if (success && needs_json(reading)) {
    const Result<void> extracted =
        body.is_json ? extract(body.value, reading)
                     : fail(ErrorCode::invalid, "The body is no JSON that can be read whole");
    if (!extracted) result["error"] = extracted.error().message;
    is_error = !extracted;
  }
  result["body"] = std::move(body.value);
  if (reply.truncated) result["truncated"] = true;
  return {.result = std::move(result), .is_error = is_error};
}

}  // namespace bellpull
