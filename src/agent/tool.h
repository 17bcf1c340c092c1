// One function that a model can call in a run, whatever makes it: an ability today.
//
// Lifetime: outlives every call. Threads: the worker's executor only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "action/action.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

struct ToolInput {
  boost::json::object arguments;
  CallContext context;
  std::string key;        // the same for every try at this step of this run
  TimePoint intended_at;  // likewise
  SteadyTime deadline;
};

class Tool {
 public:
  virtual ~Tool() = default;

  // Its name is unique among the tools of a run.
  virtual const ToolDefinition& definition() const = 0;

  // Whether the call may be made again when its first outcome is unknown (product.md, P5).
  virtual bool is_idempotent(const boost::json::object& arguments) const = 0;

  // What the event log says of a call; nothing for what does nothing.
  virtual std::optional<ActionOfStep> logged_as() const { return std::nullopt; }

  // Cancelling the task closes its connections.
  virtual Task<ActionOutcome> call(ToolInput input) const = 0;
};

// What an ability says of the tool that it becomes.
struct ToolSource {
  std::string name;
  std::string description;
  std::string instruction;
  AbilityLinks links;
};

// Makes the tools of a bot, in the order of its abilities; what no tool can be made of is left out
// and named in `unusable`. Threads: the worker's executor only.
struct MadeTools {
  std::vector<std::unique_ptr<Tool>> tools;
  std::vector<std::string> unusable;
};
class ToolMaker {
 public:
  virtual ~ToolMaker() = default;
  virtual MadeTools make(std::vector<ToolSource> sources) const = 0;
};

}  // namespace bellpull
