// What a trigger's runs are made with, read once and shared by the runs that start until the
// configuration changes.
//
// Threads: immutable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json/object.hpp>

#include "agent/model_catalog.h"
#include "agent/settling.h"
#include "agent/tool.h"
#include "base/time.h"
#include "domain/ids.h"
#include "llm/provider.h"

namespace bellpull {

struct RunPlan {
  // Why no run can be made of it: no bot, an unknown model, a deleted trigger. Then only the
  // trigger's fields count.
  std::optional<Ending> problem;

  AccountKey account;
  TriggerId trigger;
  bool authenticates = true;             // whether its senders need its secret
  std::optional<BlueprintId> blueprint;  // the trigger's
  std::string trigger_name;
  std::string trigger_description;
  boost::json::object trigger_details;  // what `_getTriggerDetails` gives
  std::string timezone = "UTC";
  Duration session_lifetime{0};

  BotId bot;
  std::string bot_name;
  std::string backstory;
  ChosenModel model;

  std::vector<std::unique_ptr<Tool>> tools;
  std::vector<ToolDefinition> definitions;  // of the tools and of the settling functions
  std::unordered_map<std::string_view, const Tool*> by_name;
};

}  // namespace bellpull
