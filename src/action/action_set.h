// The actions that this server knows, by name.
//
// Lifetime: owns its actions, and outlives every call. Threads: the worker's executor only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action/action.h"

namespace bellpull {

class ActionSet {
 public:
  // A second action of the same name replaces the first.
  void add(std::string name, std::unique_ptr<Action> action);

  // Nothing when there is no such action.
  Action* find(std::string_view name) const;
  std::vector<std::string> names() const;  // sorted

 private:
  std::map<std::string, std::unique_ptr<Action>, std::less<>> actions_;
};

}  // namespace bellpull
