#include "action/fetch_request.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/block.h"
#include "action/body_places.h"
#include "action/fetch_map.h"
#include "action/fetch_message.h"
#include "action/input_fields.h"
#include "action/template.h"
#include "base/result.h"
#include "base/text.h"
#include "egress/http_call.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr auto methods =
    std::to_array<std::string_view>({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"});

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return result;
}

std::unexpected<Error> not_a_request() {
  return fail(
      ErrorCode::invalid,
      "The input of fetch is neither a URL nor an HTTP message (METHOD URL, header lines, a blank "
      "line, the body) nor a map of url, method, path, query, headers and body");
}

std::string text_at(const json::object& map, std::string_view key) {
  const json::value* const value = map.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

Result<void> read_request_line(const json::object& message, HttpCall& call) {
  const std::string method = upper(trim(text_at(message, "method")));
  call.url = text_at(message, "url");
  if (method.empty()) {
    if (!call.url.contains("://")) return not_a_request();
    return {};
  }
  if (std::ranges::find(methods, method) == methods.end()) return not_a_request();
  call.method = method;
  return {};
}

void read_headers(const json::object& message, HttpCall& call) {
  const json::value* const headers = message.if_contains("headers");
  if (headers == nullptr || !headers->is_array()) return;
  for (const json::value& header : headers->get_array()) {
    const auto* const pair = header.if_object();
    if (pair == nullptr) continue;
    const std::string value = text_at(*pair, "value");
    if (const std::string_view sent = trim(value); !sent.empty()) {
      call.headers.push_back({text_at(*pair, "name"), std::string(sent)});
    }
  }
}

void add_content_type(HttpCall& call) {
  const bool given = std::ranges::any_of(
      call.headers, [](const HttpField& field) { return same_name(field.name, "content-type"); });
  if (given || call.body.empty()) return;
  call.headers.push_back(
      {"Content-Type", std::string(looks_like_json(call.body) ? "application/json" : plain_type)});
}

// A message in its parts, as to_template() has them.
Result<HttpCall> call_of_message(const json::object& message) {
  HttpCall call;
  if (auto read = read_request_line(message, call); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (std::string problem = text_at(message, "problem"); !problem.empty()) {
    return fail(ErrorCode::invalid, std::move(problem));
  }
  read_headers(message, call);
  call.body = text_at(message, "body");
  return call;
}

// A text that no instruction was is all its author's.
Result<HttpCall> call_of_text(std::string text) {
  Segments message;
  message.emplace_back(std::move(text));
  auto parts =
      Block{.action = {}, .input = to_template(split_message(std::move(message)))}.fill({}, {});
  if (!parts) return std::unexpected(std::move(parts.error()));
  return call_of_message(*parts);
}

template <class Expression>
void read_expression(std::string_view name, InputFields& fields, std::optional<Expression>& into) {
  const std::string text = fields.text(name);
  if (text.empty()) return;
  auto parsed = Expression::parse(text);
  if (parsed) {
    into = std::move(*parsed);
    return;
  }
  const Error& error = parsed.error();
  fields.add_problem(
      fmt::format("{}: {}{}{}", name, error.message, error.hint.empty() ? "" : "; ", error.hint));
}

FetchReading read_reading(InputFields& fields) {
  FetchReading reading;
  const std::string format = fields.text("format");
  if (format == "json") {
    reading.format = FetchFormat::json;
  } else if (format == "text") {
    reading.format = FetchFormat::text;
  } else if (!format.empty()) {
    fields.add_problem("format must be json or text");
  }
  read_expression("jmespath", fields, reading.jmespath);
  read_expression("jsonpath", fields, reading.jsonpath);
  if (reading.jmespath && reading.jsonpath) {
    fields.add_problem("jmespath and jsonpath are both given; give one");
  }
  if (reading.format == FetchFormat::text && (reading.jmespath || reading.jsonpath)) {
    fields.add_problem("format text has no parts for jmespath or jsonpath; leave it out");
  }
  return reading;
}

Result<HttpCall> read_call(const json::object& input, InputFields& fields) {
  if (!input.contains("request")) {
    HttpCall call = call_of_map(input, fields);
    call.method = call.method.empty() ? "GET" : upper(call.method);
    if (std::ranges::find(methods, call.method) == methods.end()) {
      fields.add_problem(fmt::format("method must be one of {}", fmt::join(methods, ", ")));
    }
    return call;
  }
  for (const std::string_view name : {"url", "method", "path", "query", "headers", "body"}) {
    if (input.contains(name)) {
      fields.add_problem(fmt::format("{} is given beside a whole request", name));
    }
  }
  const json::value& request = input.at("request");
  if (const auto* message = request.if_object()) return call_of_message(*message);
  return call_of_text(fields.text("request"));
}

}  // namespace

Result<WantedFetch> parse_fetch(const json::object& input) {
  InputFields fields{input};
  auto call = read_call(input, fields);
  if (!call) return std::unexpected(std::move(call.error()));
  FetchReading reading = read_reading(fields);
  if (std::string problems = fields.problems(); !problems.empty()) {
    return fail(ErrorCode::invalid, std::move(problems));
  }
  add_content_type(*call);
  return WantedFetch{std::move(*call), std::move(reading)};
}

bool is_idempotent_method(std::string_view method) { return method != "POST" && method != "PATCH"; }

}  // namespace bellpull
