#include "agent/run_plans.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "action/ability.h"
#include "agent/model_catalog.h"
#include "agent/run_limits.h"
#include "agent/run_plan.h"
#include "agent/settling.h"
#include "agent/tool.h"
#include "base/json.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "llm/provider.h"
#include "store/list.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

// What a plan is made of, as one snapshot shows it.
struct RunPlans::Configuration {
  std::optional<Trigger> trigger;
  std::optional<Bot> bot;          // when the trigger may use it
  std::vector<Ability> abilities;  // enabled ones of enabled skillsets
  AccountKey bot_account;  // of the bot that the trigger names, whether it may use it or not
};

namespace {

// Plans kept at a time; a plan is a few kilobytes. Beyond it all are dropped and read again.
constexpr std::size_t max_plans = 10'000;
// Accounts whose last change is known; beyond it all plans are void once.
constexpr std::size_t max_changed = 10'000;
// Skillsets that a blueprint adds, and abilities read of each.
constexpr std::int64_t max_skillsets = 20;
constexpr std::size_t max_abilities = 500;

void add_abilities(const Transaction& snapshot, const Skillset& skillset,
                   std::vector<Ability>& abilities) {
  if (skillset.state != ResourceState::enabled) return;
  ListQuery query{.account = skillset.account,
                  .page = {.take = max_page, .order = Order::ascending},
                  .filters = {{"skillset", {skillset.id.key.value}}}};
  while (abilities.size() < max_abilities) {
    std::vector<Ability> page = snapshot.abilities().list(query);
    if (page.empty()) return;
    query.page.after = page.back().id.key.value;
    for (Ability& ability : page) {
      if (ability.state == ResourceState::enabled) abilities.push_back(std::move(ability));
    }
  }
}

// The trigger's blueprint adds its skillsets, then its abilities that are in other skillsets. A
// disabled skillset offers none, wherever its abilities belong.
void add_of_blueprint(const Transaction& snapshot, const Trigger& trigger, BlueprintKey blueprint,
                      const std::optional<SkillsetId>& own, std::vector<Ability>& abilities) {
  const std::vector<Filter> of_blueprint{{.field = "blueprint", .any_of = {blueprint.value}}};
  const auto skillsets =
      snapshot.skillsets().list({.account = trigger.account,
                                 .page = {.take = max_skillsets, .order = Order::ascending},
                                 .filters = of_blueprint});
  std::unordered_set<SkillsetKey> passed;
  if (own) passed.insert(own->key);
  for (const Skillset& skillset : skillsets) {
    if (passed.insert(skillset.id.key).second) add_abilities(snapshot, skillset, abilities);
  }
  ListQuery query{.account = trigger.account,
                  .page = {.take = max_page, .order = Order::ascending},
                  .filters = of_blueprint};
  while (abilities.size() < max_abilities) {
    std::vector<Ability> page = snapshot.abilities().list(query);
    if (page.empty()) return;
    query.page.after = page.back().id.key.value;
    for (Ability& ability : page) {
      if (ability.state != ResourceState::enabled) continue;
      if (passed.contains(ability.skillset.key)) continue;
      const auto skillset = snapshot.skillsets().find(ability.skillset.key);
      if (!skillset || skillset->state != ResourceState::enabled) continue;
      abilities.push_back(std::move(ability));
    }
  }
}

// The bot's own first: they win a name clash.
std::vector<Ability> abilities_for(const Transaction& snapshot, const Trigger& trigger,
                                   const Bot& bot) {
  std::vector<Ability> abilities;
  if (bot.skillset) {
    const auto own = snapshot.skillsets().find(*bot.skillset);
    // A public bot brings its own skillset along.
    if (own && (own->account == trigger.account || own->account == bot.account)) {
      add_abilities(snapshot, *own, abilities);
    }
  }
  if (trigger.blueprint) {
    add_of_blueprint(snapshot, trigger, trigger.blueprint->key, bot.skillset, abilities);
  }
  return abilities;
}

json::object trigger_details(const Trigger& trigger) {
  return {{"name", trigger.name},
          {"description", trigger.description},
          {"meta", parse_stored(trigger.meta)}};
}

SharedPlan impossible(RunPlan plan, Ending problem) {
  plan.problem = std::move(problem);
  return std::make_shared<const RunPlan>(std::move(plan));
}

}  // namespace

RunPlans::RunPlans(Store& store, const ModelCatalog& models, const ToolMaker& tools,
                   RunLimits limits, Log& log)
    : store_(store), models_(models), tools_(tools), limits_(limits), log_(log) {}

Task<SharedPlan> RunPlans::plan_of(TriggerKey trigger) {
  if (const auto kept = plans_.find(trigger); kept != plans_.end() && is_valid(kept->second)) {
    co_return kept->second.plan;
  }
  // Before the read: a change during it makes the plan old at once.
  const std::uint64_t generation = this->generation();
  const Configuration configuration = co_await store_.read([trigger](const Transaction& snapshot) {
    Configuration read{.trigger = snapshot.triggers().find(trigger)};
    if (!read.trigger || !read.trigger->bot) return read;
    read.bot = snapshot.bots().find(*read.trigger->bot);
    if (read.bot) read.bot_account = read.bot->account;
    const bool is_usable = read.bot && (read.bot->account == read.trigger->account ||
                                        read.bot->visibility == Visibility::public_);
    if (!is_usable) read.bot.reset();
    if (read.bot) read.abilities = abilities_for(snapshot, *read.trigger, *read.bot);
    return read;
  });
  Kept made{.plan = make_plan(configuration),
            .generation = generation,
            .account = configuration.trigger ? configuration.trigger->account : AccountKey{},
            .bot_account = configuration.bot_account};
  if (plans_.size() >= max_plans) plans_.clear();
  plans_.insert_or_assign(trigger, made);
  co_return made.plan;
}

std::uint64_t RunPlans::generation() const {
  const std::scoped_lock lock{mutex_};
  return generation_;
}

bool RunPlans::is_valid(const Kept& kept) const {
  const std::scoped_lock lock{mutex_};
  const auto has_changed = [&](AccountKey account) {
    const auto change = changed_.find(account);
    return change != changed_.end() && change->second > kept.generation;
  };
  return all_changed_ <= kept.generation && !has_changed(kept.account) &&
         !has_changed(kept.bot_account);
}

SharedPlan RunPlans::make_plan(const Configuration& configuration) const {
  RunPlan plan;
  const std::optional<Trigger>& trigger = configuration.trigger;
  if (!trigger || trigger->deleted_at) {
    return impossible(std::move(plan), {RunState::canceled, "trigger deleted"});
  }
  plan.account = trigger->account;
  plan.trigger = trigger->id;
  plan.trigger_name = trigger->name;
  plan.trigger_description = trigger->description;
  plan.trigger_details = trigger_details(*trigger);
  plan.authenticates = trigger->authenticate;
  plan.blueprint = trigger->blueprint;
  if (trigger->timezone && !trigger->timezone->empty()) plan.timezone = *trigger->timezone;
  plan.session_lifetime = bellpull::session_lifetime(*trigger);
  if (!configuration.bot) {
    return impossible(std::move(plan),
                      {RunState::dead, "no_bot",
                       "The trigger has no bot, so nobody can answer its events. Set the trigger's "
                       "botId, then send the event again."});
  }
  const Bot& bot = *configuration.bot;
  plan.bot = bot.id;
  plan.bot_name = bot.name;
  plan.backstory = bot.backstory;
  Result<ChosenModel> model = models_.choose(bot.model.value_or(""));
  if (!model) {
    return impossible(
        std::move(plan),
        {RunState::dead, "unknown_model",
         "The bot's model cannot be used: " + model.error().message + "; " + model.error().hint +
             ". Change the bot's model, then send the event again."});
  }
  plan.model = std::move(*model);
  add_tools(plan, configuration);
  return std::make_shared<const RunPlan>(std::move(plan));
}

void RunPlans::add_tools(RunPlan& plan, const Configuration& configuration) const {
  std::vector<ToolSource> sources;
  sources.reserve(configuration.abilities.size());
  for (const Ability& ability : configuration.abilities) {
    sources.push_back({.name = ability.name,
                       .description = ability.description,
                       .instruction = ability.instruction,
                       .links = links_of(ability)});
  }
  MadeTools made = tools_.make(std::move(sources));
  for (const std::string& name : made.unusable) {
    warn(plan, name, "no function name can be made of its name");
  }
  for (std::unique_ptr<Tool>& tool : made.tools) {
    const ToolDefinition& definition = tool->definition();
    if (plan.tools.size() >= limits_.tools) {
      warn(plan, definition.name, "a model takes no more functions");
    } else if (is_settling(definition.name) || plan.by_name.contains(definition.name)) {
      warn(plan, definition.name, "its function name is taken");
    } else {
      plan.definitions.push_back(definition);
      plan.by_name.emplace(definition.name, tool.get());
      plan.tools.push_back(std::move(tool));
    }
  }
  for (const ToolDefinition& settling : settling_functions()) plan.definitions.push_back(settling);
}

void RunPlans::warn(const RunPlan& plan, const std::string& ability, std::string_view why) const {
  log_.warning("agent", "ability left out",
               {{"bot", json::string{plan.bot.text()}},
                {"ability", json::string{ability}},
                {"why", json::string{why}}});
}

void RunPlans::runs_changed(std::span<const RunChange>) {}
// What a plan takes of its trigger is configuration.
void RunPlans::trigger_changed(TriggerKey) {}

void RunPlans::configuration_changed(AccountKey account) {
  const std::scoped_lock lock{mutex_};
  ++generation_;
  if (changed_.size() >= max_changed) {
    changed_.clear();
    all_changed_ = generation_;
  }
  changed_[account] = generation_;
}

void RunPlans::reopened() {
  const std::scoped_lock lock{mutex_};
  ++generation_;
  changed_.clear();
  all_changed_ = generation_;
}

}  // namespace bellpull
