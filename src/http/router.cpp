#include "http/router.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "http/method.h"
#include "http/percent.h"
#include "http/request.h"

namespace bellpull {

// Where a pattern ends: its routes by method.
struct Router::Endpoint {
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Route>> routes;
  std::string allow;
  std::optional<std::size_t> rest_from;  // the segment with which "{name*}" starts
};

struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter;
  std::optional<Endpoint> endpoint;
  std::optional<Endpoint> rest;  // of "{name*}"
};

namespace {

constexpr std::size_t max_segments = 32;

struct Segments {
  std::array<std::string_view, max_segments> items{};
  std::size_t size = 0;
};

// `odd`: more segments than a path can have, or an empty one at its end.
enum class Split : std::uint8_t { done, odd };

Split split(std::string_view path, Segments& segments) {
  path.remove_prefix(1);
  if (path.ends_with('/')) {
    path.remove_suffix(1);
    if (path.empty() || path.ends_with('/')) return Split::odd;
  }
  while (!path.empty()) {
    if (segments.size == max_segments) return Split::odd;
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.items.at(segments.size++) = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return Split::done;
}

bool is_plain(std::string_view path) {
  return std::ranges::all_of(path, [](char c) { return c > 0 && c != '%'; });
}

// Decodes the segments that need it into `decoded`, which never moves while it is filled: twice the
// path is room for them and for the rest of the path.
bool decode(Segments& segments, std::string_view path, std::string& decoded) {
  if (is_plain(path)) return true;
  decoded.clear();
  decoded.reserve(2 * path.size());
  for (std::size_t i = 0; i < segments.size; ++i) {
    std::string_view& segment = segments.items.at(i);
    if (segment.find('%') != std::string_view::npos) {
      const std::size_t start = decoded.size();
      if (!percent_decode(segment, PlusSign::is_plus, decoded)) return false;
      segment = std::string_view{decoded}.substr(start);
    }
    if (!is_utf8(segment)) return false;
  }
  return true;
}

const Route* route_for(const std::vector<std::unique_ptr<Route>>& routes, Method method) {
  for (const auto& route : routes) {
    if (std::ranges::find(route->methods, method) != route->methods.end()) return route.get();
  }
  return nullptr;
}

std::string allow_of(const std::vector<std::unique_ptr<Route>>& routes) {
  std::string allow;
  for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                              Method::delete_, Method::options}) {
    const bool implied = method == Method::options ||
                         (method == Method::head && (route_for(routes, Method::get) != nullptr ||
                                                     route_for(routes, Method::post) != nullptr));
    if (!implied && route_for(routes, method) == nullptr) continue;
    if (!allow.empty()) allow += ", ";
    allow += to_string(method);
  }
  return allow;
}

// The path from its `count`th segment on, decoded; empty when it ends before.
std::string_view rest_of(std::string_view path, std::size_t count, std::string& decoded) {
  path.remove_prefix(1);
  for (; count > 0; --count) path.remove_prefix(std::min(path.find('/'), path.size() - 1) + 1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.find('%') == std::string_view::npos) return path;
  const std::size_t start = decoded.size();
  percent_decode(path, PlusSign::is_plus, decoded);  // its segments were decoded before
  return std::string_view{decoded}.substr(start);
}

[[noreturn]] void refuse(const Route& route, std::string_view why) {
  throw std::logic_error("route " + route.pattern + ": " + std::string{why});
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  if (!route.pattern.starts_with('/')) refuse(route, "a pattern starts with a slash");
  Segments segments;
  if (split(route.pattern, segments) != Split::done) refuse(route, "too many segments");
  Node* node = root_.get();
  std::optional<Endpoint>* place = nullptr;
  std::vector<std::string> names;
  std::optional<std::size_t> rest_from;
  for (std::size_t i = 0; i < segments.size; ++i) {
    const std::string_view segment = segments.items.at(i);
    if (segment.starts_with('{') && segment.ends_with("*}")) {
      if (i + 1 != segments.size) refuse(route, "the rest of the path comes last");
      names.emplace_back(segment.substr(1, segment.size() - 3));
      place = &node->rest;
      rest_from = i;
    } else if (segment.starts_with('{') && segment.ends_with('}')) {
      names.emplace_back(segment.substr(1, segment.size() - 2));
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
    } else {
      auto found =
          std::ranges::find(node->literals, segment, [](const auto& l) { return l.first; });
      if (found == node->literals.end()) {
        node->literals.emplace_back(std::string{segment}, std::make_unique<Node>());
        found = node->literals.end() - 1;
      }
      node = found->second.get();
    }
  }
  if (names.size() > RouteMatch::max_parameters) refuse(route, "too many parameters");
  if (place == nullptr) place = &node->endpoint;
  if (!place->has_value()) place->emplace().names = names;
  Endpoint& endpoint = **place;
  endpoint.rest_from = rest_from;
  if (endpoint.names != names) refuse(route, "its parameters have other names elsewhere");
  for (const Method method : route.methods) {
    if (route_for(endpoint.routes, method) != nullptr) refuse(route, "it exists already");
  }
  endpoint.routes.push_back(std::make_unique<Route>(std::move(route)));
  endpoint.allow = allow_of(endpoint.routes);
}

// The literal first; when it leads nowhere, the parameter; last the rest of the path.
const Router::Endpoint* Router::descend(const Node& node, const std::string_view* segment,
                                        const std::string_view* end, std::string_view* value) {
  if (segment == end && node.endpoint) return &*node.endpoint;
  if (segment == end) return node.rest ? &*node.rest : nullptr;
  for (const auto& [text, child] : node.literals) {
    if (text != *segment) continue;
    if (const Endpoint* found = descend(*child, segment + 1, end, value)) return found;
    break;
  }
  if (node.parameter && !segment->empty()) {
    *value = *segment;
    if (const Endpoint* found = descend(*node.parameter, segment + 1, end, value + 1)) return found;
  }
  return node.rest ? &*node.rest : nullptr;
}

Router::Outcome Router::find(Method method, std::string_view path, RouteMatch& match) const {
  match.route = nullptr;
  match.names = nullptr;
  match.pattern = {};
  if (!path.starts_with('/')) return Outcome::bad_path;
  Segments segments;
  const bool fits = split(path, segments) == Split::done;
  if (!decode(segments, path, match.decoded)) return Outcome::bad_path;
  if (!fits) return Outcome::not_found;
  const Endpoint* endpoint = descend(*root_, segments.items.data(),
                                     segments.items.data() + segments.size, match.values.data());
  if (endpoint == nullptr) return Outcome::not_found;
  match.names = &endpoint->names;
  match.pattern = endpoint->routes.front()->pattern;
  match.allow = endpoint->allow;
  if (endpoint->rest_from) {
    match.values.at(endpoint->names.size() - 1) =
        rest_of(path, *endpoint->rest_from, match.decoded);
  }
  match.route = route_for(endpoint->routes, method);
  if (match.route == nullptr && method == Method::head) {
    match.route = route_for(endpoint->routes, Method::get);
    if (match.route == nullptr) match.route = route_for(endpoint->routes, Method::post);
  }
  return match.route != nullptr ? Outcome::found : Outcome::method_not_allowed;
}

}  // namespace bellpull
