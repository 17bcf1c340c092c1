#include "llm/rules_facts.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>

#include "llm/rules_path.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 4> given_names{"event", "contact", "trigger", "envelope"};

}  // namespace

bool RulesScope::knows(std::string_view name) const {
  return std::ranges::find(given_names, name) != given_names.end() || is_call(name);
}

bool RulesScope::is_call(std::string_view name) const {
  return std::ranges::find(calls_, name) != calls_.end();
}

std::string RulesScope::names() const {
  std::string names;
  const auto add = [&names](std::string_view name) {
    names += names.empty() ? "" : ", ";
    names += name;
  };
  std::ranges::for_each(given_names, add);
  std::ranges::for_each(calls_, add);
  return names;
}

RulesFacts::RulesFacts(json::value body, json::value envelope, json::value contact,
                       json::value trigger) {
  given_.emplace("event", std::move(body));
  given_.emplace("envelope", std::move(envelope));
  given_.emplace("contact", std::move(contact));
  given_.emplace("trigger", std::move(trigger));
}

const json::value* RulesFacts::find(const RulesPath& path) const {
  if (const auto call = calls_.find(path.root()); call != calls_.end()) {
    return path.find(call->second.result);
  }
  const auto given = given_.find(path.root());
  return given == given_.end() ? nullptr : path.find(given->second);
}

bool RulesFacts::has_failed(const std::string& call) const {
  const auto found = calls_.find(call);
  return found != calls_.end() && found->second.failed;
}

std::string RulesFacts::why_missing(const RulesPath& path) const {
  std::string why = "`" + path.text() + "` has no value";
  const auto given = given_.find(path.root());
  const auto call = calls_.find(path.root());
  if (call != calls_.end() && call->second.is_cut) {
    why += ": the result of `" + call->first +
           "` is so large that it was cut, and cannot be looked into";
  } else if (given == given_.end() && call == calls_.end()) {
    why += ": the call `" + path.root() + "` was not made in this run";
  } else if (path.root() == "event" && given->second.is_string() && !path.is_root()) {
    why += ": the event's body is no JSON, only a text: `event`";
  }
  return why;
}

}  // namespace bellpull
