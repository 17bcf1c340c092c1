#include "action/action_set.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action/action.h"

namespace bellpull {

void ActionSet::add(std::string name, std::unique_ptr<Action> action) {
  actions_.insert_or_assign(std::move(name), std::move(action));
}

Action* ActionSet::find(std::string_view name) const {
  const auto found = actions_.find(name);
  return found == actions_.end() ? nullptr : found->second.get();
}

std::vector<std::string> ActionSet::names() const {
  std::vector<std::string> names;
  names.reserve(actions_.size());
  for (const auto& [name, action] : actions_) names.push_back(name);
  return names;
}

}  // namespace bellpull
