#include "agent/ability_tools.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "action/ability.h"
#include "action/action.h"
#include "agent/tool.h"
#include "base/task.h"
#include "domain/ids.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

namespace {

// It ends the run, which says so itself.
constexpr std::string_view settling_action = "abort";

class AbilityTool final : public Tool {
 public:
  AbilityTool(AbilityFunction function, AbilityId ability, SkillsetId skillset)
      : ability_(std::move(function)) {
    if (!ability_.has_action() || ability_.action() == settling_action) return;
    logged_ = {.name = ability_.action(), .ability = ability, .skillset = skillset};
    std::ranges::replace(logged_->name, '/', '.');
  }

  const ToolDefinition& definition() const override { return ability_.tool(); }
  bool is_idempotent(const boost::json::object& arguments) const override {
    return ability_.is_idempotent(arguments);
  }
  std::optional<ActionOfStep> logged_as() const override { return logged_; }
  Task<ActionOutcome> call(ToolInput input) const override {
    AbilityCall call{.arguments = std::move(input.arguments),
                     .idempotency_key = std::move(input.key),
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
  for (std::size_t place = 0; place < sources.size(); ++place) {
    ToolSource& source = sources[place];
    texts.push_back({.name = std::move(source.name),
                     .description = std::move(source.description),
                     .instruction = std::move(source.instruction),
                     .place = place});
  }
  AbilityFunctions abilities = make_abilities(std::move(texts), actions_);
  MadeTools made{.tools = {}, .unusable = std::move(abilities.unnamed)};
  for (AbilityFunction& ability : abilities.usable) {
    const ToolSource& source = sources.at(ability.place());
    made.tools.push_back(
        std::make_unique<AbilityTool>(std::move(ability), source.ability, source.skillset));
  }
  return made;
}

}  // namespace bellpull
