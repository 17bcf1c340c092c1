#include "llm/model_string.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "base/text.h"
namespace bellpull {

namespace json = boost::json;

namespace {

std::string without_slash_escapes(std::string_view value) {
  std::string result;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string_view three = value.substr(i, 3);
    const bool slash = three == "%2F" || three == "%2f";
    result += slash ? '/' : value[i];
    if (slash) i += 2;
  }
  return result;
}

std::optional<ModelString> from_json(std::string_view text) {
  if (!text.starts_with('{')) return std::nullopt;
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const auto* const object = error ? nullptr : parsed.if_object();
  const auto* const name = object == nullptr ? nullptr : object->if_contains("name");
  if (name == nullptr || !name->is_string()) return std::nullopt;
  ModelString model{.name = std::string(name->get_string()), .options = {}};
  const auto* const config = object->if_contains("config");
  if (config == nullptr || !config->is_object()) return model;
  for (const auto& entry : config->get_object()) {
    const json::value& value = entry.value();
    model.options[entry.key()] =
        value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  }
  return model;
}

}  // namespace

ModelString parse_model_string(std::string_view text) {
  text = trim(text);
  if (auto model = from_json(text)) return std::move(*model);
  ModelString model;
  bool in_options = false;
  while (!text.empty()) {
    const std::size_t end = text.find('/');
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t equals = item.find('=');
    in_options = in_options || equals != std::string_view::npos;
    if (!in_options) {
      model.name.append(model.name.empty() ? "" : "/").append(item);
    } else {
      model.options[item.substr(0, equals)] = equals == std::string_view::npos
                                                  ? "true"
                                                  : without_slash_escapes(item.substr(equals + 1));
    }
  }
  return model;
}

}  // namespace bellpull
