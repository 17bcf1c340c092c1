#include "domain/delivery_id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A key is kept and shown: never a credential.
constexpr std::array<std::string_view, 3> secret_headers{"authorization", "proxy-authorization",
                                                         "cookie"};

bool is_of_header_name(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// The problem of a header's name in lower case, "" when it is one.
std::string problem_of(const std::string& name) {
  if (name.empty() || name.size() > DeliveryId::max_header_bytes ||
      !std::ranges::all_of(name, is_of_header_name)) {
    return "headers must be names such as webhook-id";
  }
  const bool is_secret = std::ranges::find(secret_headers, name) != secret_headers.end();
  return is_secret ? "headers can't be " + name + ", which holds a secret" : "";
}

std::string read_headers(const json::value& given, std::vector<std::string>& headers) {
  if (given.is_null()) return {};
  const json::array* names = given.if_array();
  if (names == nullptr) return "headers must be a list of names";
  if (names->size() > DeliveryId::max_headers) {
    return "headers must be at most " + std::to_string(DeliveryId::max_headers);
  }
  for (const json::value& one : *names) {
    if (!one.is_string()) return "headers must be a list of names";
    std::string name = lower_case(one.get_string());
    if (std::string problem = problem_of(name); !problem.empty()) return problem;
    if (std::ranges::find(headers, name) == headers.end()) headers.push_back(std::move(name));
  }
  return {};
}

std::string read_path(const json::value& given, std::optional<JsonPath>& path) {
  if (given.is_null()) return {};
  if (!given.is_string()) return "jsonPath must be a text";
  if (given.get_string().empty()) return {};
  auto parsed = JsonPath::parse(given.get_string());
  if (!parsed) return "jsonPath " + parsed.error().message;
  path = std::move(*parsed);
  return {};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_usable(std::string_view id) {
  return !id.empty() && id.size() <= DeliveryId::max_id_bytes && is_utf8(id);
}

// "" for what is no id: an object, a list, true, 1.5, null.
std::string id_in(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string{*text};
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  return {};
}

}  // namespace

Result<DeliveryId> DeliveryId::read(const json::value& given) {
  const json::object* members = given.if_object();
  if (members == nullptr) {
    return fail(ErrorCode::invalid, "must be an object",
                R"(such as {"headers": ["webhook-id"], "jsonPath": "$.id"}, or null)");
  }
  DeliveryId id;
  std::vector<std::string> problems;
  for (const auto& [name, value] : *members) {
    std::string problem;
    if (name == "headers") {
      problem = read_headers(value, id.headers_);
    } else if (name == "jsonPath") {
      problem = read_path(value, id.path_);
    } else {
      problem = "has no member " + std::string{name};
    }
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  if (problems.empty() && id.headers_.empty() && !id.path_) {
    problems.emplace_back("must have headers or a jsonPath");
  }
  if (problems.empty()) return id;
  std::string all;
  for (const std::string& problem : problems) all += (all.empty() ? "" : ", ") + problem;
  return fail(ErrorCode::invalid, all,
              R"(write it like {"headers": ["webhook-id"], "jsonPath": "$.data.id"})");
}

json::object DeliveryId::to_json() const {
  return {{"headers", json::array(headers_.begin(), headers_.end())},
          {"jsonPath", path_ ? json::value(path_->text()) : json::value(nullptr)}};
}

std::string DeliveryId::key(const HeaderOf& header, std::string_view body) const {
  for (const std::string& name : headers_) {
    const std::string_view id = trimmed(header(name));
    if (is_usable(id)) return name + " " + std::string{id};
  }
  if (!path_ || body.empty()) return {};
  const std::optional<json::value> parsed = parse_foreign(body);
  const json::value* found = parsed ? path_->find(*parsed) : nullptr;
  if (found == nullptr) return {};
  const std::string id = id_in(*found);
  return is_usable(id) ? path_->text() + " " + id : "";
}

}  // namespace bellpull
