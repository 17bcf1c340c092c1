// Tools that do what the test says, made from abilities by name.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include "action/action.h"
#include "agent/tool.h"
#include "base/task.h"
#include "llm/provider.h"

namespace bellpull {

struct ScriptedTool {
  bool idempotent = true;
  bool hangs = false;  // until it is cancelled
  std::function<ActionOutcome(const ToolInput&)> answer = [](const ToolInput&) {
    return ActionOutcome{.result = boost::json::object{{"ok", true}}};
  };
  std::vector<ToolInput> inputs = {};
};

class ScriptedTools final : public ToolMaker {
 public:
  // The behaviour of the ability of this name, from now on.
  ScriptedTool& operator[](const std::string& name) { return tools_[name]; }

  MadeTools make(std::vector<ToolSource> sources) const override {
    MadeTools made;
    for (const ToolSource& source : sources) {
      made.tools.push_back(std::make_unique<Handle>(source.name, tools_[source.name]));
    }
    return made;
  }

 private:
  class Handle final : public Tool {
   public:
    Handle(std::string name, ScriptedTool& tool)
        : definition_{.name = std::move(name), .parameters = {{"type", "object"}}}, tool_(tool) {}
    const ToolDefinition& definition() const override { return definition_; }
    bool is_idempotent(const boost::json::object&) const override { return tool_.idempotent; }
    Task<ActionOutcome> call(ToolInput input) const override {
      tool_.inputs.push_back(input);
      if (tool_.hangs) {
        boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                        boost::asio::steady_timer::time_point::max());
        co_await never.async_wait(boost::asio::use_awaitable);
      }
      co_return tool_.answer(input);
    }

   private:
    const ToolDefinition definition_;
    ScriptedTool& tool_;
  };

  mutable std::map<std::string, ScriptedTool> tools_;
};

}  // namespace bellpull
