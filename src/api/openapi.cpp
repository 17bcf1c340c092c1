#include "api/openapi.h"

#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/openapi_components.h"
#include "api/openapi_families.h"
#include "api/openapi_operation.h"
#include "api/routes.h"
#include "http/method.h"
#include "http/text.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view about_api =
    "Bellpull takes events and lets bots act on them.\n\n"
    "Every path below /api/v1 is also there below /v1, and a slash at the end of a path counts as "
    "absent. A wrong method is answered 405 with an `allow` header, an unknown path 404; HEAD and "
    "OPTIONS are answered without calling anything. "
    "Unknown keys of a body and unknown query parameters are ignored. Operations with "
    "`x-not-built` are known to clients of this wire and answer 501 here.";

json::object info(std::string_view version) {
  return {{"title", "Bellpull"},
          {"version", version},
          {"description", about_api},
          {"contact", json::object{{"name", "The operator of this server"}}},
          {"license", json::object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
}

std::string method_key(Method method) {
  std::string key;
  for (const char c : to_string(method)) key += to_lower_ascii(c);
  return key;
}

// Paths in the order of the alphabet, and the methods of each in that of the enumeration.
using Operations = std::map<std::string, std::map<Method, json::object>>;

json::object paths_of(Operations operations) {
  json::object paths;
  for (auto& [path, methods] : operations) {
    json::object item;
    for (auto& [method, operation] : methods) item[method_key(method)] = std::move(operation);
    paths[path] = std::move(item);
  }
  return paths;
}

}  // namespace

bool is_in_document(const Routes::Endpoint& endpoint) {
  return endpoint.path.find('*') == std::string::npos;
}

std::string document_path(const Routes::Endpoint& endpoint) {
  return endpoint.has_prefix ? std::string{route_prefixes[0]} + endpoint.path : endpoint.path;
}

std::string operation_id(const Routes::Endpoint& endpoint) {
  if (!endpoint.about.id.empty()) return endpoint.about.id;
  std::string id;
  std::string_view path = endpoint.path;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment.starts_with('{')) continue;
    if (!id.empty()) id += '.';
    id += segment.substr(0, segment.find(".json"));
  }
  return id;
}

json::object openapi_document(const std::deque<Routes::Endpoint>& endpoints,
                              std::string_view version) {
  Components components;
  for (const Routes::Endpoint& endpoint : endpoints) {
    if (is_in_document(endpoint)) components.add_schemas(endpoint.about);
  }
  Operations operations;
  std::set<std::string> ids;
  std::set<std::string> families;
  for (const Routes::Endpoint& endpoint : endpoints) {
    if (!is_in_document(endpoint)) continue;
    const std::string id = operation_id(endpoint);
    if (!ids.insert(id).second) throw std::logic_error("two operations are called " + id);
    const std::string family = family_of(endpoint);
    families.insert(family);
    operations[document_path(endpoint)][endpoint.method] =
        openapi_operation(endpoint, id, family, components);
  }
  return {{"openapi", "3.1.0"},
          {"info", info(version)},
          {"servers",
           json::array{json::object{{"url", "/"}, {"description", "The server that serves this"}}}},
          {"tags", tags_of(families)},
          {"paths", paths_of(std::move(operations))},
          {"components", std::move(components).take()}};
}

}  // namespace bellpull
