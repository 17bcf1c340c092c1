#include "agent/ability_tools.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "action/ability.h"
#include "action/action.h"
#include "agent/tool.h"
#include "base/task.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

namespace {

// They end the run, which says so itself.
constexpr std::string_view settling_actions = "abort/";

class AbilityTool final : public Tool {
 public:
  explicit AbilityTool(AbilityFunction function) : ability_(std::move(function)) {
    const std::string_view action = ability_.action();
    if (action.empty() || action.starts_with(settling_actions)) return;
    logged_ = {.name = std::string{action},
               .ability = ability_.links().ability,
               .skillset = ability_.links().skillset};
    std::ranges::replace(logged_->name, '/', '.');
  }

  const ToolDefinition& definition() const override { return ability_.tool(); }
  bool is_idempotent(const boost::json::object& arguments) const override {
    return ability_.is_idempotent(arguments);
  }
  std::optional<ActionOfStep> logged_as() const override { return logged_; }
  Task<ActionOutcome> call(ToolInput input) const override {
    AbilityCall call{.arguments = std::move(input.arguments),
                     .context = input.context,
                     .idempotency_key = std::move(input.key),
                     .intended_at = input.intended_at,
                     .deadline = input.deadline};
    return ability_.execute(std::move(call));
  }

 private:
  const AbilityFunction ability_;
  std::optional<ActionOfStep> logged_;
};

}  // namespace

MadeTools AbilityTools::make(std::vector<ToolSource> sources) const {
  std::vector<AbilityText> texts;
  texts.reserve(sources.size());
  for (ToolSource& source : sources) {
    texts.push_back({.name = std::move(source.name),
                     .description = std::move(source.description),
                     .instruction = std::move(source.instruction),
                     .links = source.links});
  }
  AbilityFunctions abilities = make_abilities(std::move(texts), services_);
  MadeTools made{.tools = {}, .unusable = std::move(abilities.unnamed)};
  for (AbilityFunction& ability : abilities.usable) {
    made.tools.push_back(std::make_unique<AbilityTool>(std::move(ability)));
  }
  return made;
}

}  // namespace bellpull
