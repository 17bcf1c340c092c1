#include "action/fetch_places.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "action/body_places.h"
#include "action/fetch_message.h"
#include "action/placeholder.h"
#include "action/template.h"
#include "action/url_places.h"

namespace bellpull {

namespace {

void mark_all(Segments& text, Place place) {
  each_placeholder(text, [place](Placeholder& field) { field.place = place; });
}

Segments literal(std::string_view text) {
  Segments segments;
  segments.emplace_back(std::string(text));
  return segments;
}

// Marks the parts and puts them into the place of the text, so that they are what is sent.
bool mark_message(TemplateValue& request) {
  MessageParts parts;
  if (auto* const text = std::get_if<Segments>(&request.value)) {
    parts = split_message(std::move(*text));
  } else {
    parts.problem = "request must be text";
  }
  ContentType type;
  for (MessageHeader& header : parts.headers) {
    type.note(header.name, header.value);
    mark_all(header.name, Place::header);
    mark_all(header.value, Place::header);
  }
  mark_all(parts.method, Place::header);
  const bool chosen_host = mark_url_text(parts.url);
  if (mark_body(parts.body, type, Place::text)) {
    parts.headers.push_back({literal("Content-Type"), literal(plain_type)});
  }
  request.value = to_template(std::move(parts));
  return chosen_host;
}

// The map's own headers; nothing when there is no map of them.
TemplateMap* headers_of(TemplateMap& input) {
  TemplateValue* const headers = find_entry(input, "headers");
  return headers == nullptr ? nullptr : std::get_if<TemplateMap>(&headers->value);
}

ContentType content_type_of(TemplateMap& input) {
  ContentType type;
  TemplateMap* const headers = headers_of(input);
  if (headers == nullptr) return type;
  for (const TemplateEntry& header : *headers) {
    if (const auto* text = std::get_if<Segments>(&header.value.value)) type.note(header.key, *text);
  }
  return type;
}

void add_plain_type(TemplateMap& input) {
  if (find_entry(input, "headers") == nullptr) {
    input.push_back({literal("headers"), false, TemplateValue{TemplateMap{}}});
  }
  TemplateMap* const headers = headers_of(input);
  if (headers == nullptr) return;  // they are no map, which is told when the call is made
  headers->push_back({literal("Content-Type"), false, TemplateValue{literal(plain_type)}});
}

void mark_path(TemplateMap& input, Segments& path) {
  TemplateValue* const url = find_entry(input, "url");
  const auto* const base = url == nullptr ? nullptr : std::get_if<Segments>(&url->value);
  mark_path_behind(base == nullptr ? Segments{} : *base, path);
}

}  // namespace

void mark_headers(TemplateValue& headers) {
  each_placeholder(headers, [](Placeholder& field) { field.place = Place::header; });
}

bool mark_url(TemplateValue& url) {
  auto* const text = std::get_if<Segments>(&url.value);
  return text != nullptr && mark_url_text(*text);
}

bool mark_fetch_places(TemplateMap& input) {
  bool chosen_host = false;
  if (TemplateValue* const request = find_entry(input, "request")) {
    chosen_host = mark_message(*request);
  }
  if (TemplateValue* const url = find_entry(input, "url")) {
    chosen_host = mark_url(*url) || chosen_host;
  }
  for (const std::string_view name : {"headers", "authorization"}) {
    if (TemplateValue* const header = find_entry(input, name)) mark_headers(*header);
  }
  if (TemplateValue* const path = find_entry(input, "path")) {
    // Elements of a list are encoded whole.
    if (auto* const text = std::get_if<Segments>(&path->value)) mark_path(input, *text);
  }
  if (TemplateValue* const body = find_entry(input, "body")) {
    auto* const text = std::get_if<Segments>(&body->value);
    if (text != nullptr && mark_body(*text, content_type_of(input), Place::plain)) {
      add_plain_type(input);
    }
  }
  return chosen_host;
}

}  // namespace bellpull
