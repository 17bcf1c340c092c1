#include "llm/demo_event.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_fields = 64;
constexpr int max_depth = 6;

void flatten(const json::object& object, const std::string& prefix, int depth,
             std::vector<DemoField>& fields) {
  for (const auto& entry : object) {
    if (fields.size() >= max_fields) return;
    std::string path = prefix;
    path += entry.key();
    const auto* const inner = entry.value().if_object();
    if (inner != nullptr && depth < max_depth) {
      path += '.';
      flatten(*inner, path, depth + 1, fields);
    } else {
      fields.push_back({std::move(path), &entry.value()});
    }
  }
}

json::value parsed(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value() : value;
}

}  // namespace

std::string_view DemoField::leaf() const {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? std::string_view(path) : std::string_view(path).substr(dot + 1);
}

DemoEvent::DemoEvent(std::string_view result) : envelope_(parsed(result)) {
  const auto* const envelope = envelope_.if_object();
  const auto* const body = envelope == nullptr ? nullptr : envelope->if_contains("body");
  text_ = body != nullptr && body->is_string() ? *body : json::value(json::string(result));
  body_ = body != nullptr && body->is_object() ? *body : parsed(text_.get_string());
  if (const auto* object = body_.if_object()) flatten(*object, "", 0, fields_);
  if (body == nullptr) return;
  for (const std::string_view name : {"contact", "event"}) {
    const auto* const part = envelope->if_contains(name);
    if (part != nullptr && part->is_object()) {
      flatten(part->get_object(), std::string(name) + ".", 0, surroundings_);
    }
  }
}

}  // namespace bellpull
