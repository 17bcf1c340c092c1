#include "action/fetch_request.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/fetch_map.h"
#include "action/input_fields.h"
#include "base/result.h"
#include "egress/http_call.h"

namespace bellpull {

namespace {

constexpr auto methods =
    std::to_array<std::string_view>({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"});

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trim(line);
}

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

Result<void> read_request_line(std::string_view line, HttpCall& call) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) {
    if (!line.contains("://")) return not_a_request();
    call.url = line;
    return {};
  }
  call.method = upper(line.substr(0, blank));
  if (std::ranges::find(methods, call.method) == methods.end()) return not_a_request();
  std::string_view url = trim(line.substr(blank));
  if (const std::size_t version = url.rfind(" HTTP/"); version != std::string_view::npos) {
    url = trim(url.substr(0, version));
  }
  call.url = url;
  return {};
}

Result<void> read_headers(std::string_view& rest, HttpCall& call) {
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    if (line.empty()) return {};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return fail(ErrorCode::invalid, "A header line of the fetch input has no colon");
    }
    const std::string_view value = trim(line.substr(colon + 1));
    if (!value.empty()) {
      call.headers.push_back({std::string(trim(line.substr(0, colon))), std::string(value)});
    }
  }
  return {};
}

void add_content_type(HttpCall& call) {
  const bool given = std::ranges::any_of(
      call.headers, [](const HttpField& field) { return same_name(field.name, "content-type"); });
  if (given || call.body.empty()) return;
  const bool json = call.body.starts_with('{') || call.body.starts_with('[');
  call.headers.push_back({"Content-Type", json ? "application/json" : "text/plain; charset=utf-8"});
}

Result<HttpCall> parse_message(std::string_view input) {
  input.remove_prefix(std::min(input.find_first_not_of(" \t\r\n"), input.size()));
  HttpCall call;
  if (auto read = read_request_line(take_line(input), call); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (auto read = read_headers(input, call); !read) return std::unexpected(std::move(read.error()));
  call.body = input;
  return call;
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

Result<HttpCall> read_call(const boost::json::object& input, InputFields& fields) {
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
  return parse_message(fields.text("request"));
}

}  // namespace

Result<WantedFetch> parse_fetch(const boost::json::object& input) {
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
