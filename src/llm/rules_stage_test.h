// A run of builtin/rules without an agent: its turns, its tools and what they answer.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "llm/provider.h"
#include "llm/rules_provider.h"

namespace bellpull {

inline ToolDefinition rules_tool(std::string name, std::string title,
                                 std::string_view required = "[]",
                                 std::string_view properties = "{}") {
  return {.name = std::move(name),
          .description = "does it",
          .parameters = {{"type", "object"},
                         {"properties", boost::json::parse(properties)},
                         {"required", boost::json::parse(required)},
                         {"additionalProperties", false}},
          .title = std::move(title)};
}

// Any tool that takes whatever it is given.
inline ToolDefinition open_tool(std::string name, std::string title = {}) {
  return {.name = std::move(name),
          .description = {},
          .parameters = {{"type", "object"}},
          .title = std::move(title)};
}

class RulesStage {
 public:
  RulesStage(std::string backstory, std::string_view body, std::vector<ToolDefinition> tools) {
    request.tools = std::move(tools);
    request.tools.push_back(open_tool("_success"));
    request.tools.push_back(open_tool("_failure"));
    constexpr std::string_view agents_words = "\n\nYou run in the background.\n- rules: none";
    request.turns.push_back({.role = Role::system,
                             .text = std::move(backstory) + std::string{agents_words},
                             .appended = agents_words.size()});
    begin(body);
  }

  // Another run of the same conversation.
  void begin(std::string_view body) {
    request.turns.push_back({.role = Role::user, .text = "A new background run begins."});
    boost::json::object result{{"body", body},
                               {"ranAt", "2026-01-01T00:00:00.000Z"},
                               {"timezone", "UTC"},
                               {"event", {{"id", "evt_1"}, {"method", "POST"}}},
                               {"contact", {{"email", "ann@x.example"}}}};
    add_own("e1", "_getIncomingEvent", boost::json::serialize(result));
    add_own("e2", "_getTriggerDetails", R"({"name":"Orders","meta":{"team":"ops"}})");
  }

  std::expected<ModelAnswer, Failure> ask() {
    auto answer = rules_answer(request);
    if (answer) {
      request.turns.push_back(
          {.role = Role::assistant, .text = answer->text, .calls = answer->calls});
    }
    return answer;
  }

  void give(const ToolCall& call, std::string result, bool failed = false) {
    request.turns.push_back({.role = Role::tool,
                             .text = std::move(result),
                             .call_id = call.id,
                             .tool_name = call.name,
                             .failed = failed});
  }

  ModelRequest request;

 private:
  void add_own(std::string id, std::string name, std::string result) {
    request.turns.push_back(
        {.role = Role::assistant, .calls = {{.id = id, .name = name, .arguments = "{}"}}});
    request.turns.push_back({.role = Role::tool,
                             .text = std::move(result),
                             .call_id = std::move(id),
                             .tool_name = std::move(name)});
  }
};

}  // namespace bellpull
