#include "api/replay_edits.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/change.h"
#include "api/event_request.h"
#include "api/schema.h"
#include "base/json.h"
#include "base/result.h"
#include "domain/event.h"
#include "http/text.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view content_type_name = "content-type";

Result<std::optional<std::string>> read_body(const json::object& given) {
  const json::value* body = given.if_contains("body");
  if (body == nullptr || body->is_null()) return std::nullopt;
  if (const auto* text = body->if_string(); text != nullptr) return std::string{*text};
  if (body->is_structured()) return json::serialize(*body);
  return fail(ErrorCode::invalid, "body must be a text, or an object or list that is sent as JSON");
}

Result<void> read_header(std::string_view name, const json::value& value, ReplayEdits& edits) {
  const auto* text = value.if_string();
  if (text == nullptr && !value.is_null()) {
    return fail(ErrorCode::invalid, "headers." + std::string{name} + " must be a text or null");
  }
  if (text != nullptr && text->size() > max_kept_header_bytes) {
    return fail(ErrorCode::invalid, "headers." + std::string{name} + " must be at most 512 bytes");
  }
  std::optional<std::string> kept;
  if (text != nullptr) kept = std::string{*text};
  if (equals_ignoring_case(name, content_type_name)) {
    edits.content_type = kept.value_or("");
    return {};
  }
  const auto known = kept_header(name);
  if (!known) {
    return fail(ErrorCode::invalid, "headers." + std::string{name} + " is not kept with an event",
                "what is kept: content-type, " + kept_header_names());
  }
  edits.headers.emplace_back(*known, std::move(kept));
  return {};
}

}  // namespace

Result<ReplayEdits> ReplayEdits::parse(const json::object& given, std::size_t body_limit) {
  ReplayEdits edits;
  Problems problems;
  auto body = read_body(given);
  if (!body) problems.add(body.error());
  const json::value* headers = given.if_contains("headers");
  if (headers != nullptr && !headers->is_null() && !headers->is_object()) {
    problems.add({ErrorCode::invalid, "headers must be an object", {}});
  } else if (headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->get_object()) {
      if (auto read = read_header(name, value, edits); !read) problems.add(read.error());
    }
  }
  if (!problems.empty()) return std::unexpected(problems.error());
  edits.body = std::move(*body);
  if (edits.body && edits.body->size() > body_limit) {
    return fail(ErrorCode::too_large,
                "body must be at most " + std::to_string(body_limit) + " bytes");
  }
  return edits;
}

Schema replay_body_schema() {
  const json::object header = or_null(text_schema());
  return {
      "ReplayEdits",
      {{"type", "object"},
       {"properties",
        json::object{
            {"body", json::object{{"type", json::array{"string", "object", "array", "null"}},
                                  {"items", json::object{}},
                                  {"description",
                                   "Instead of the event's; what is no text is sent as JSON."}}},
            {"headers",
             json::object{{"type", json::array{"object", "null"}},
                          {"additionalProperties", header},
                          {"description", "To set, or to leave out where null: " +
                                              ("content-type, " + kept_header_names()) + "."}}}}}}};
}

void ReplayEdits::apply(Event& event) const {
  if (body) event.body = *body;
  if (content_type) event.content_type = *content_type;
  if (headers.empty()) return;
  json::object kept = parse_stored(event.headers);
  for (const auto& [name, value] : headers) {
    if (value) {
      kept[name] = *value;
    } else {
      kept.erase(name);
    }
  }
  event.headers = json::serialize(kept);
}

}  // namespace bellpull
