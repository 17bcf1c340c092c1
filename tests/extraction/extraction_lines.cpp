// For tests/extraction: answers each line of stdin, {"jmespath" or "jsonpath": expression, "body":
// value}, with {"found": value}, {"none": true} or {"wrong": why}.
#include <iostream>
#include <optional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/jmespath.h"
#include "base/json.h"
#include "base/json_query.h"
#include "base/result.h"

namespace {

using namespace bellpull;
namespace json = boost::json;

json::object wrong(const Error& error) { return {{"wrong", error.message}}; }

json::object answer(const json::object& asked) {
  const json::value& body = asked.at("body");
  if (const auto* text = asked.if_contains("jmespath")) {
    const auto path = JmesPath::parse(text->get_string().subview());
    if (!path) return wrong(path.error());
    const auto found = path->search(body);
    return found ? json::object{{"found", *found}} : wrong(found.error());
  }
  const auto query = JsonQuery::parse(asked.at("jsonpath").get_string().subview());
  if (!query) return wrong(query.error());
  const auto found = query->search(body);
  if (!found) return wrong(found.error());
  return *found ? json::object{{"found", **found}} : json::object{{"none", true}};
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const auto asked = read_stored(line);
    std::cout << json::serialize(asked ? answer(*asked) : json::object{{"wrong", "the line"}})
              << '\n';
  }
}
