#include "agent/ability_tools.h"

#include <memory>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "action/ability.h"
#include "action/action.h"
#include "agent/tool.h"
#include "base/task.h"
#include "llm/provider.h"

namespace bellpull {

namespace {

class AbilityTool final : public Tool {
 public:
  explicit AbilityTool(AbilityFunction ability) : ability_(std::move(ability)) {}

  const ToolDefinition& definition() const override { return ability_.tool(); }
  bool is_idempotent(const boost::json::object& arguments) const override {
    return ability_.is_idempotent(arguments);
  }
  Task<ActionOutcome> call(ToolInput input) const override {
    AbilityCall call{.arguments = std::move(input.arguments),
                     .idempotency_key = std::move(input.key),
                     .deadline = input.deadline};
    return ability_.execute(std::move(call));
  }

 private:
  const AbilityFunction ability_;
};

}  // namespace

MadeTools AbilityTools::make(std::vector<ToolSource> sources) const {
  std::vector<AbilityText> texts;
  texts.reserve(sources.size());
  for (ToolSource& source : sources) {
    texts.push_back({.name = std::move(source.name),
                     .description = std::move(source.description),
                     .instruction = std::move(source.instruction)});
  }
  AbilityFunctions abilities = make_abilities(std::move(texts), actions_);
  MadeTools made{.tools = {}, .unusable = std::move(abilities.unnamed)};
  for (AbilityFunction& ability : abilities.usable) {
    made.tools.push_back(std::make_unique<AbilityTool>(std::move(ability)));
  }
  return made;
}

}  // namespace bellpull
