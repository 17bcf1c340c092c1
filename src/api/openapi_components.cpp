#include "api/openapi_components.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "api/error_reply.h"
#include "api/routes.h"
#include "api/schema.h"

namespace bellpull {

namespace json = boost::json;

namespace {

struct Failure {
  int status;
  std::string_view name;
  std::string_view about;
};

constexpr std::array failures{
    Failure{400, "BadRequest",
            "Something in the request is wrong: the message says what and where, all at once."},
    Failure{401, "NotAuthenticated", "No token, or one that is unknown, deleted or expired."},
    Failure{403, "NotAuthorized", "The token lacks the scope, or the resource is another's."},
    Failure{404, "NotFound", "There is no such resource, or none that a reference names."},
    Failure{408, "Timeout", "The body took too long to arrive."},
    Failure{409, "Conflict", "It does not go with what is there: a unique value, or a state."},
    Failure{413, "ContentTooLarge", "The body is over the limit."},
    Failure{422, "UnprocessableEntity", "The Idempotency-Key was used for another body."},
    Failure{429, "TooManyRequests",
            "More than is let in, or kept for keys; again after `retry-after`."},
    Failure{500, "InternalServerError", "Something is wrong with the server; it is logged."},
    Failure{501, "NotImplemented", "Known to clients of this wire, and not built."},
    Failure{503, "ServiceUnavailable", "Not now: it stops, or its disk takes no writes."},
};

// As the server would answer.
json::object example_of(int status) {
  return json::parse(status_reply(status, {}, "req_q3v5o2m7k4xw6a1b").body).as_object();
}

Schema error_schema() {
  json::array codes;
  for (const Failure& failure : failures) codes.push_back(example_of(failure.status).at("code"));
  json::object schema = object_schema(
      {{"message", described(text_schema(), "For people: what is wrong and where.")},
       {"code", {{"type", "string"}, {"enum", std::move(codes)}}},
       {"requestId", described(text_schema(), "The request's name in the log of the server.")},
       {"hint", described(text_schema(), "What to do next.")}});
  schema["required"] = json::array{"message", "code", "requestId"};
  return {"Error", std::move(schema)};
}

json::object json_content(json::object schema) {
  return {{"application/json", json::object{{"schema", std::move(schema)}}}};
}

json::object error_replies() {
  json::object replies;
  for (const Failure& failure : failures) {
    json::object headers{{"x-request-id", Components::reference("headers", "RequestId")}};
    if (failure.status == 429 || failure.status == 503) {
      headers["retry-after"] = Components::reference("headers", "RetryAfter");
    }
    json::object content = json_content(Components::reference("schemas", "Error"));
    content.at("application/json").get_object()["example"] = example_of(failure.status);
    replies[failure.name] = json::object{{"description", failure.about},
                                         {"headers", std::move(headers)},
                                         {"content", std::move(content)}};
  }
  return replies;
}

json::object header(std::string_view about, json::object schema = text_schema()) {
  return {{"description", about}, {"schema", std::move(schema)}};
}

json::object headers() {
  return {{"EventId", header("The id of the event.")},
          {"Location", header("Where the event is to be fetched.")},
          {"Replayed", header("`true` where an Idempotency-Key gave the first answer again.")},
          {"RequestId", header("The request's name in the log of the server.")},
          {"RetryAfter", header("After how many seconds to try again.", whole_number_schema())}};
}

json::object parameter(std::string_view name, std::string_view about, json::object schema) {
  return {{"name", name}, {"in", "header"}, {"description", about}, {"schema", std::move(schema)}};
}

json::object header_parameters() {
  json::object key = text_schema();
  key["pattern"] = "^[!-~]{1,255}$";
  constexpr std::array<std::string_view, 2> forms{"iso", "ms"};
  return {{"IdempotencyKey",
           parameter("Idempotency-Key",
                     "One key for all tries of one request: a repeat within 24 hours does nothing "
                     "and gets the first answer.",
                     std::move(key))},
          {"Timestamps", parameter("x-timestamps",
                                   "How times are written in the reply: as ISO 8601 text, or as "
                                   "milliseconds since 1970.",
                                   choice_schema(forms))}};
}

json::object bearer(std::string_view about) {
  return {{"type", "http"}, {"scheme", "bearer"}, {"description", about}};
}

json::object security_schemes() {
  return {{"token", bearer("An API token. Each operation names the scope that it needs as "
                           "`x-required-scope`; a token may have several.")},
          {"triggerSecret",
           bearer("The secret of the trigger, unless the trigger takes events from everybody.")}};
}

}  // namespace

Components::Components() { add(error_schema()); }

void Components::add(const Schema& schema) {
  if (schema.name.empty() || schema.empty()) return;
  const auto [there, is_new] = schemas_.emplace(schema.name, schema.schema);
  if (!is_new && there->value() != schema.schema) {
    throw std::logic_error("two schemas are called " + schema.name);
  }
}

void Components::add_schemas(const Description& description) {
  add(description.takes);
  add(description.gives);
  if (description.form == Description::Form::list) add(page_of(description.gives));
  for (const Description::Reply& reply : description.replies) add(reply.gives);
}

json::object Components::reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string{kind} + "/" + std::string{name}}};
}

json::object Components::use(const Schema& schema) {
  return schema.name.empty() ? schema.schema : reference("schemas", schema.name);
}

Schema Components::page_of(const Schema& item) {
  json::object page = object_schema(
      {{"items", array_schema(use(item))},
       {"cursor", described(text_schema(),
                            "For the next page; absent when there are no items and the page is "
                            "not partial.")},
       {"partial", described({{"type", "boolean"}, {"const", true}},
                             "The page ended before it was full, by its size or its time: go on "
                             "from its cursor, even when it has no items.")}});
  page["required"] = json::array{"items"};
  return {item.name.empty() ? "" : item.name + "Page", std::move(page)};
}

json::object Components::error_reply_reference(int status) {
  const auto* const found = std::ranges::find(failures, status, &Failure::status);
  if (found == failures.end()) throw std::logic_error("no words for " + std::to_string(status));
  return reference("responses", found->name);
}

bool Components::has_time(const json::object& schema) const {
  for (const auto& [key, value] : schema) {
    if (key == "format" && value == "date-time") return true;
    if (key == "$ref") {
      const std::string_view name = value.get_string();
      const auto* named = schemas_.if_contains(name.substr(name.rfind('/') + 1));
      if (named != nullptr && has_time(named->get_object())) return true;
    }
    if (value.is_object() && has_time(value.get_object())) return true;
    if (!value.is_array()) continue;
    for (const json::value& one : value.get_array()) {
      if (one.is_object() && has_time(one.get_object())) return true;
    }
  }
  return false;
}

json::object Components::take() && {
  std::map<std::string, json::value> sorted;
  for (auto& member : schemas_) sorted.emplace(member.key(), std::move(member.value()));
  json::object schemas;
  for (auto& [name, schema] : sorted) schemas[name] = std::move(schema);
  return {{"schemas", std::move(schemas)},
          {"responses", error_replies()},
          {"parameters", header_parameters()},
          {"headers", headers()},
          {"securitySchemes", security_schemes()}};
}

}  // namespace bellpull
