#include "action/fetch_map.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/input_fields.h"
#include "base/encoding.h"
#include "egress/http_call.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string scalar_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  return value.is_double() ? fmt::format("{}", value.get_double()) : json::serialize(value);
}

bool is_empty(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

// Elements are segments of their own, whatever is in them.
std::string path_text(const json::value& path, InputFields& fields) {
  if (path.is_string()) return std::string(path.get_string());
  if (!path.is_array()) {
    fields.add_problem("path must be text or a list");
    return {};
  }
  std::string text;
  for (const json::value& element : path.get_array()) {
    if (is_empty(element)) continue;
    const std::string segment = element.is_structured() ? "" : scalar_text(element);
    if (segment.empty() || segment == "." || segment == "..") {
      fields.add_problem("path must not hold \".\", \"..\" or anything but text");
    }
    text += "/" + percent_encode(segment);
  }
  return text;
}

void add_pair(std::string& text, std::string_view name, const json::value& value,
              InputFields& fields, std::string_view where) {
  if (is_empty(value)) return;
  if (const auto* list = value.if_array()) {
    for (const json::value& element : *list) add_pair(text, name, element, fields, where);
    return;
  }
  if (value.is_object()) {
    fields.add_problem(fmt::format("{}.{} must be text, a number or a list of them", where, name));
    return;
  }
  text +=
      (text.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(scalar_text(value));
}

// A map, or a list of maps (which may repeat a name).
std::string pairs_text(const json::value& pairs, InputFields& fields, std::string_view where) {
  std::string text;
  if (const auto* map = pairs.if_object()) {
    for (const auto& pair : *map) add_pair(text, pair.key(), pair.value(), fields, where);
  } else if (const auto* list = pairs.if_array()) {
    for (const json::value& element : *list) {
      const std::string more = pairs_text(element, fields, where);
      text += (text.empty() || more.empty() ? "" : "&") + more;
    }
  } else {
    fields.add_problem(fmt::format("{} must be a map, or a list of maps", where));
  }
  return text;
}

std::string url_text(const json::object& input, InputFields& fields) {
  std::string url = fields.required_text("url");
  url.erase(std::min(url.find('#'), url.size()));
  const std::size_t question = std::min(url.find('?'), url.size());
  std::string query = url.substr(question);
  url.erase(question);
  if (const json::value* const path = fields.find("path")) {
    const std::string more = path_text(*path, fields);
    if (!more.empty()) {
      while (url.ends_with('/')) url.pop_back();
      url += more.starts_with('/') ? more : "/" + more;
    }
  }
  if (const json::value* const pairs = input.if_contains("query"); pairs && !is_empty(*pairs)) {
    const std::string more = pairs_text(*pairs, fields, "query");
    if (!more.empty()) query += (query.size() > 1 ? "&" : query.empty() ? "?" : "") + more;
  }
  return url + query;
}

void add_headers(HttpCall& call, InputFields& fields) {
  if (const json::value* const headers = fields.find("headers")) {
    if (!headers->is_object()) {
      fields.add_problem("headers must be a map");
      return;
    }
    for (const auto& header : headers->get_object()) {
      if (is_empty(header.value())) continue;
      if (header.value().is_structured()) {
        fields.add_problem(fmt::format("headers.{} must be text", std::string_view(header.key())));
        continue;
      }
      call.headers.push_back({std::string(header.key()), scalar_text(header.value())});
    }
  }
  const std::string authorization = fields.text("authorization");
  if (!authorization.empty()) call.headers.push_back({"Authorization", authorization});
}

// A map becomes what the content type says: JSON, which is YAML as well, or a form.
void add_body(HttpCall& call, InputFields& fields) {
  const json::value* const body = fields.find("body");
  if (body == nullptr) return;
  const auto type = std::ranges::find_if(
      call.headers, [](const HttpField& field) { return same_name(field.name, "content-type"); });
  const bool form =
      type != call.headers.end() && type->value.find("x-www-form-urlencoded") != std::string::npos;
  if (body->is_string()) {
    call.body = body->get_string();
  } else if (form) {
    call.body = pairs_text(*body, fields, "body");
  } else {
    call.body = json::serialize(*body);
    if (type == call.headers.end()) call.headers.push_back({"Content-Type", "application/json"});
  }
}

}  // namespace

HttpCall call_of_map(const json::object& input, InputFields& fields) {
  HttpCall call;
  call.method = fields.text("method");
  call.url = url_text(input, fields);
  add_headers(call, fields);
  add_body(call, fields);
  return call;
}

}  // namespace bellpull
