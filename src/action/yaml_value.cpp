#include "action/yaml_value.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <yaml-cpp/yaml.h>  // IWYU pragma: keep

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_values = 10'000;

class Reader {
 public:
  std::optional<json::value> value(const YAML::Node& node, std::size_t depth) {
    if (depth > max_foreign_depth || ++values_ > max_values) return std::nullopt;
    if (node.IsSequence()) return list(node, depth);
    if (node.IsMap()) return map(node, depth);
    if (node.IsNull()) return json::value(nullptr);
    const bool is_plain = node.Tag() == "?" || node.Tag().empty();
    return is_plain ? plain_yaml_scalar(node.Scalar()) : json::value(node.Scalar());
  }

 private:
  std::optional<json::value> list(const YAML::Node& node, std::size_t depth) {
    json::array list;
    for (const YAML::Node& element : node) {
      auto read = value(element, depth + 1);
      if (!read) return read;
      list.push_back(std::move(*read));
    }
    return json::value(std::move(list));
  }

  std::optional<json::value> map(const YAML::Node& node, std::size_t depth) {
    json::object map;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return std::nullopt;
      auto read = value(entry.second, depth + 1);
      if (!read) return read;
      map[entry.first.Scalar()] = std::move(*read);
    }
    return json::value(std::move(map));
  }

  std::size_t values_ = 0;
};

}  // namespace

json::value plain_yaml_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc{} && read.ptr == end) {
    return whole;
  }
  // from_chars takes "inf" and "nan", which JSON has not.
  const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  double real = 0;
  if (const auto read = std::from_chars(text.data(), end, real);
      numeric && read.ec == std::errc{} && read.ptr == end) {
    return real;
  }
  return json::value(text);
}

std::optional<json::value> read_yaml_value(std::string_view text) {
  try {
    return Reader{}.value(YAML::Load(std::string{text}), 1);
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

}  // namespace bellpull
