#include "domain/meta.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

namespace bellpull {

namespace json = boost::json;

namespace {

std::optional<std::string> text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string{*text};
  // JSON does not tell 1.0 from 1.
  if (const double* number = value.if_double()) return fmt::format("{}", *number);
  if (value.is_number() || value.is_bool()) return json::serialize(value);
  return std::nullopt;
}

void visit_below(const json::object& object, std::vector<std::string>& path,
                 const VisitMeta& visit) {
  for (const auto& member : object) {
    path.emplace_back(member.key());
    if (const json::object* inner = member.value().if_object()) {
      if (path.size() < max_meta_depth) visit_below(*inner, path, visit);
    } else if (const auto text = text_of(member.value())) {
      visit(path, *text);
    }
    path.pop_back();
  }
}

}  // namespace

std::optional<std::string> meta_text(const json::object& meta, std::span<const std::string> path) {
  const json::object* inner = &meta;
  const json::value* value = nullptr;
  for (const std::string& key : path) {
    value = inner != nullptr ? inner->if_contains(key) : nullptr;
    if (value == nullptr) return std::nullopt;
    inner = value->if_object();
  }
  if (value == nullptr) return std::nullopt;
  return text_of(*value);
}

void visit_meta(const json::object& meta, const VisitMeta& visit) {
  std::vector<std::string> path;
  visit_below(meta, path, visit);
}

}  // namespace bellpull
