#include "api/openapi_operation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/openapi_components.h"
#include "api/openapi_examples.h"
#include "api/routes.h"
#include "api/schema.h"
#include "http/method.h"

namespace bellpull {

namespace json = boost::json;

namespace {

using Access = Routes::Access;
using Form = Description::Form;

// An id as a path may have it.
constexpr int max_id_bytes = 191;
// What a path may name by its alias.
constexpr std::array<std::string_view, 8> with_alias{
    "botId",  "skillsetId", "abilityId",   "datasetId",
    "fileId", "secretId",   "blueprintId", "triggerIntegrationId"};

bool is_event(const Routes::Endpoint& endpoint) {
  return endpoint.access == Access::trigger_secret;
}

bool has_key(const Routes::Endpoint& endpoint) {
  return is_event(endpoint) || (endpoint.access == Access::token && endpoint.is_built &&
                                endpoint.method == Method::post && takes_key(endpoint.path));
}

bool has_body(const Routes::Endpoint& endpoint) { return endpoint.method != Method::get; }

json::object path_parameter(std::string_view name, bool may_be_alias) {
  json::object schema = text_schema();
  schema["minLength"] = 1;
  schema["maxLength"] = max_id_bytes;
  return {{"name", name},
          {"in", "path"},
          {"required", true},
          {"description", may_be_alias ? "Its id, or \"@\" and its alias." : "Its id."},
          {"schema", std::move(schema)}};
}

void add_path_parameters(const Routes::Endpoint& endpoint, json::array& parameters) {
  std::string_view path = endpoint.path;
  while (true) {
    const std::size_t open = path.find('{');
    if (open == std::string_view::npos) return;
    const std::size_t close = path.find('}', open);
    const std::string_view name = path.substr(open + 1, close - open - 1);
    const bool has_alias = std::ranges::find(with_alias, name) != with_alias.end();
    parameters.emplace_back(path_parameter(name, has_alias && !is_event(endpoint)));
    path.remove_prefix(close);
  }
}

std::string sentence(std::string text) {
  if (!text.ends_with('.')) text += '.';
  return text;
}

json::object query_parameter(const Description::Parameter& given) {
  json::object parameter{{"name", given.name},
                         {"in", "query"},
                         {"description", sentence(given.about)},
                         {"schema", given.schema}};
  const json::value* type = given.schema.if_contains("type");
  if (type != nullptr && *type == "object") {
    parameter["style"] = "deepObject";  // name[key]=value
    parameter["explode"] = true;
  }
  return parameter;
}

bool has_time(const Routes::Endpoint& endpoint, const Components& components) {
  return components.has_time(Components::use(endpoint.about.gives));
}

json::array parameters_of(const Routes::Endpoint& endpoint, const Components& components) {
  json::array parameters;
  add_path_parameters(endpoint, parameters);
  for (const Description::Parameter& one : endpoint.about.query) {
    parameters.emplace_back(query_parameter(one));
  }
  if (has_key(endpoint)) {
    parameters.emplace_back(Components::reference("parameters", "IdempotencyKey"));
  }
  if (endpoint.access == Access::token && has_time(endpoint, components)) {
    parameters.emplace_back(Components::reference("parameters", "Timestamps"));
  }
  return parameters;
}

// Empty: any JSON object will do, and nothing of it is read.
json::object body_of(const Routes::Endpoint& endpoint, const std::string& id) {
  const Schema& takes = endpoint.about.takes;
  json::object content{{"schema", takes.empty()
                                      ? described(open_object_schema(), "Nothing of it is read.")
                                      : Components::use(takes)}};
  if (auto example = body_example(id)) content["example"] = std::move(*example);
  const bool is_needed = takes.schema.contains("required") || takes.schema.contains("anyOf") ||
                         takes.schema.contains("allOf");
  const std::string& given = endpoint.about.takes_media;
  const std::string media = given.empty() ? "application/json" : given;
  json::object forms{{media, std::move(content)}};
  for (const auto& [other, schema] : endpoint.about.takes_too) {
    forms[other] = json::object{{"schema", schema}};
  }
  return {{"required", is_needed}, {"content", std::move(forms)}};
}

void add_streams(const Description& about, json::object& content) {
  const bool is_list = about.form == Form::list;
  const std::string line =
      is_list ? R"({"type":"item","data":{...}})" : R"({"type":...,"data":...})";
  content["application/jsonl"] =
      json::object{{"schema", described(text_schema(), "Lines of " + line + ", one each.")}};
  content["text/event-stream"] = json::object{
      {"schema", described(text_schema(), "The same as events, with `data` as JSON.")}};
  if (!is_list) return;
  content["text/csv"] = json::object{
      {"schema", described(text_schema(), "A line of names, and one of values for each item.")}};
}

json::object content_of(const Description& about, const std::string& id) {
  json::object content;
  switch (about.form) {
    case Form::bytes:
      content[about.media.empty() ? "application/octet-stream" : about.media] =
          json::object{{"schema", Components::use(about.gives)}};
      return content;
    case Form::lines:
      add_streams(about, content);
      return content;
    case Form::list:
      content["application/json"] =
          json::object{{"schema", Components::use(Components::page_of(about.gives))}};
      add_streams(about, content);
      return content;
    case Form::engine:
      add_streams(about, content);
      break;
    case Form::object:
      break;
  }
  json::object media{{"schema", Components::use(about.gives)}};
  if (auto example = reply_example(id)) media["example"] = std::move(*example);
  content["application/json"] = std::move(media);
  if (!about.media.empty()) content[about.media] = json::object{{"schema", text_schema()}};
  return content;
}

json::object good_reply(const Routes::Endpoint& endpoint, const std::string& id) {
  json::object headers;
  if (is_event(endpoint)) {
    headers["x-event-id"] = Components::reference("headers", "EventId");
    headers["location"] = Components::reference("headers", "Location");
  } else {
    headers["x-request-id"] = Components::reference("headers", "RequestId");
  }
  if (has_key(endpoint)) {
    headers["idempotent-replayed"] = Components::reference("headers", "Replayed");
  }
  return {{"description", "Done."},
          {"headers", std::move(headers)},
          {"content", content_of(endpoint.about, id)}};
}

bool is_unique(const Schema& takes) {
  const json::value* properties = takes.schema.if_contains("properties");
  if (properties == nullptr) return false;
  return properties->get_object().contains("alias") ||
         properties->get_object().contains("fingerprint");
}

// The statuses of errors that this endpoint can answer with: those of its kind, and its own.
std::set<int> errors_of(const Routes::Endpoint& endpoint) {
  if (!endpoint.is_built) return {401, 403, 501};
  std::set<int> errors{endpoint.about.errors.begin(), endpoint.about.errors.end()};
  errors.insert(400);
  if (endpoint.access == Access::anyone) return errors;
  errors.insert({401, 500, 503});
  if (endpoint.access == Access::token) errors.insert(403);
  const bool names_resources =
      endpoint.path.find('{') != std::string::npos || endpoint.about.takes.refers;
  if (names_resources) errors.insert(404);
  if (has_body(endpoint)) errors.insert({408, 413});
  if (is_unique(endpoint.about.takes)) errors.insert(409);
  if (has_key(endpoint) && !is_event(endpoint)) errors.insert({409, 422, 429});
  return errors;
}

json::object replies_of(const Routes::Endpoint& endpoint, const std::string& id) {
  json::object replies;
  if (endpoint.is_built) replies["200"] = good_reply(endpoint, id);
  for (const Description::Reply& reply : endpoint.about.replies) {
    json::object described_reply{{"description", sentence(reply.about)}};
    if (!reply.gives.empty()) {
      described_reply["content"] = json::object{
          {"application/json", json::object{{"schema", Components::use(reply.gives)}}}};
    }
    replies[std::to_string(reply.status)] = std::move(described_reply);
  }
  for (const int status : errors_of(endpoint)) {
    const std::string key = std::to_string(status);
    if (!replies.contains(key)) replies[key] = Components::error_reply_reference(status);
  }
  return replies;
}

json::array security_of(const Routes::Endpoint& endpoint) {
  switch (endpoint.access) {
    case Access::token:
      return {json::object{{"token", json::array{}}}};
    case Access::trigger_secret:
      // The second: a trigger that takes events from everybody.
      return {json::object{{"triggerSecret", json::array{}}}, json::object{}};
    case Access::anyone:
      break;
  }
  return {};
}

std::string about(const Routes::Endpoint& endpoint) {
  if (!endpoint.is_built) return "Not built: it answers 501, and does nothing.";
  std::string text = endpoint.about.about;
  const auto add = [&text](std::string_view sentence) {
    if (!text.empty()) text += ' ';
    text += sentence;
  };
  if (endpoint.about.form == Form::list) {
    add("`accept` chooses between one page as JSON and all that follows as a stream.");
  }
  if (endpoint.about.form == Form::engine) {
    add("`accept` chooses between the result as JSON and the events that lead to it, whose last is "
        "`result` or `error`.");
  }
  switch (endpoint.access) {
    case Access::token:
      add(fmt::format("Needs a token with the scope `{}`.", scope_name(endpoint.scope)));
      break;
    case Access::trigger_secret:
      add("Needs the trigger's secret, unless the trigger says otherwise.");
      break;
    case Access::anyone:
      add("Needs no token.");
      break;
  }
  return text;
}

}  // namespace

json::object openapi_operation(const Routes::Endpoint& endpoint, const std::string& id,
                               const std::string& family, const Components& components) {
  json::object operation{
      {"operationId", id},
      {"tags", json::array{family}},
      {"summary", endpoint.is_built ? endpoint.about.summary : "Not built: " + id},
      {"description", about(endpoint)}};
  if (!endpoint.is_built) operation["x-not-built"] = true;
  if (endpoint.access == Access::token) {
    operation["x-required-scope"] = scope_name(endpoint.scope);
  }
  operation["security"] = security_of(endpoint);
  json::array parameters = parameters_of(endpoint, components);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (has_body(endpoint)) operation["requestBody"] = body_of(endpoint, id);
  operation["responses"] = replies_of(endpoint, id);
  return operation;
}

}  // namespace bellpull
