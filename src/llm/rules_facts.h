// What a program of builtin/rules can look at: the event and what came with it, and the results of
// the calls made so far. All of it was sent from outside: it is data, and never read as rules.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "llm/rules_path.h"

namespace bellpull {

// The names that a path may begin with, as far as the program has been read.
class RulesScope {
 public:
  bool knows(std::string_view name) const;
  bool is_call(std::string_view name) const;  // it stands for a call's result
  void add_call(std::string name) { calls_.push_back(std::move(name)); }
  std::string names() const;  // for a message

 private:
  std::vector<std::string> calls_;
};

struct RulesOutcome {
  boost::json::value result;
  bool failed = false;
  bool is_cut = false;  // the agent gave only a part of it
};

class RulesFacts {
 public:
  RulesFacts() = default;
  // `body`: as JSON, or as text when it is none. `envelope`: what `_getIncomingEvent` gives beside
  // body and contact.
  RulesFacts(boost::json::value body, boost::json::value envelope, boost::json::value contact,
             boost::json::value trigger);

  void add_call(const std::string& name, RulesOutcome outcome) {
    calls_.insert_or_assign(name, std::move(outcome));
  }

  // Null when there is none, or when it is a JSON null.
  const boost::json::value* find(const RulesPath& path) const;
  bool has_failed(const std::string& call) const;
  // Why find() gives nothing, as a sentence.
  std::string why_missing(const RulesPath& path) const;

 private:
  std::map<std::string, boost::json::value, std::less<>> given_;
  std::map<std::string, RulesOutcome, std::less<>> calls_;
};

}  // namespace bellpull
