#include "api/event_body.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "domain/event.h"
#include "http/response.h"

namespace bellpull {

namespace {

constexpr std::string_view token_signs = "!#$&^_.+-";

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || token_signs.find(c) != std::string_view::npos;
  });
}

// "type/subtype", and after a semicolon anything that is printable.
bool is_media_type_text(std::string_view text) {
  const std::string_view type = text.substr(0, text.find_first_of("; "));
  const auto slash = type.find('/');
  if (slash == std::string_view::npos) return false;
  const bool is_printable = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  return is_printable && is_token(type.substr(0, slash)) && is_token(type.substr(slash + 1));
}

}  // namespace

Response body_reply(Event event) {
  const bool has_type = is_media_type_text(event.content_type);
  Response response{.content_type = "", .body = std::move(event.body)};
  response.headers.add(
      "content-type", has_type ? std::string_view{event.content_type} : "application/octet-stream");
  response.headers.add("content-disposition", "attachment; filename=\"" + event.id.text() + "\"");
  response.headers.add("x-content-type-options", "nosniff");
  response.headers.add("content-security-policy", "default-src 'none'; sandbox");
  response.headers.add("cache-control", "private, no-store");
  return response;
}

}  // namespace bellpull
