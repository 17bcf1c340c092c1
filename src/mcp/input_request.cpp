#include "mcp/input_request.h"

#include <optional>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

namespace json = boost::json;

bool asks_for_input(const json::object& result) {
  const auto* const type = result.if_contains("resultType");
  return type != nullptr && *type == "input_required";
}

std::optional<json::object> declined_input(const json::object& result) {
  json::object answers;
  const auto* const requests = result.if_contains("inputRequests");
  if (requests != nullptr && requests->is_object()) {
    for (const auto& [name, value] : requests->get_object()) {
      const auto* const request = value.if_object();
      const auto* const method = request == nullptr ? nullptr : request->if_contains("method");
      if (method == nullptr || *method != "elicitation/create") return std::nullopt;
      answers[name] = {{"action", "decline"}};
    }
  }
  json::object members;
  const auto* const state = result.if_contains("requestState");
  if (state != nullptr) members["requestState"] = *state;
  if (answers.empty() && members.empty()) return std::nullopt;
  if (!answers.empty()) members["inputResponses"] = std::move(answers);
  return members;
}

}  // namespace bellpull
