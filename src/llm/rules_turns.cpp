#include "llm/rules_turns.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/json_reader.h"
#include "llm/provider.h"
#include "llm/rules_facts.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view event_function = "_getIncomingEvent";
constexpr std::string_view trigger_function = "_getTriggerDetails";

// Results wrap what was sent, which has the limit of parse_foreign().
constexpr std::size_t max_result_depth = 2 * max_foreign_depth;

json::value value_in(std::string_view text) {
  JsonReading reading = read_json(text, max_result_depth, max_foreign_values);
  return reading.error ? json::value(text) : std::move(reading.value);
}

// A model may have called it by itself, which gives an error.
bool is_event(const Turn& turn) {
  if (turn.role != Role::tool || turn.tool_name != event_function) return false;
  const json::value envelope = value_in(turn.text);
  return envelope.is_object() && envelope.get_object().contains("body");
}

json::value take(json::object& object, std::string_view name) {
  json::value* found = object.if_contains(name);
  if (found == nullptr) return {};
  json::value value = std::move(*found);
  object.erase(name);
  return value;
}

json::value body_of(json::value body) {
  if (!body.is_string()) return body;
  auto parsed = parse_foreign(body.get_string());
  return parsed ? std::move(*parsed) : std::move(body);
}

std::map<std::string, RulesRecord, std::less<>> records_of(const std::vector<Turn>& turns,
                                                           std::size_t from) {
  std::map<std::string, RulesRecord, std::less<>> records;
  for (std::size_t i = from; i < turns.size(); ++i) {
    for (const ToolCall& call : turns[i].calls) {
      if (call.name != trigger_function) records[call.id] = {.call = &call, .result = nullptr};
    }
    if (turns[i].role != Role::tool) continue;
    const auto record = records.find(turns[i].call_id);
    if (record != records.end()) record->second.result = &turns[i];
  }
  return records;
}

// The words of the bot's account; what the agent added stays out.
std::string_view backstory_in(const std::vector<Turn>& turns) {
  const auto system = std::ranges::find(turns, Role::system, &Turn::role);
  if (system == turns.end()) return {};
  const std::string_view text = system->text;
  return text.substr(0, text.size() - std::min(system->appended, text.size()));
}

}  // namespace

RulesTurns read_rules_turns(const std::vector<Turn>& turns) {
  RulesTurns read;
  read.backstory = backstory_in(turns);
  const auto newest = std::find_if(turns.rbegin(), turns.rend(), is_event);
  if (newest == turns.rend()) return read;
  json::object envelope = value_in(newest->text).get_object();
  read.is_body_removed = envelope.contains("bodyRemovedAt");
  json::value body = body_of(take(envelope, "body"));
  json::value contact = take(envelope, "contact");
  const auto from = static_cast<std::size_t>(std::distance(turns.begin(), newest.base()));
  json::value trigger;
  for (std::size_t i = from; i < turns.size(); ++i) {
    if (turns[i].role != Role::tool || turns[i].tool_name != trigger_function) continue;
    trigger = value_in(turns[i].text);
    break;
  }
  read.facts =
      RulesFacts(std::move(body), std::move(envelope), std::move(contact), std::move(trigger));
  read.calls = records_of(turns, from);
  return read;
}

RulesOutcome outcome_of(const RulesRecord& record) {
  if (record.result == nullptr) {
    return {.result = json::object{{"error", "no result was recorded"}}, .failed = true};
  }
  const std::string_view text = record.result->text;
  RulesOutcome outcome{.result = value_in(text), .failed = record.result->failed};
  outcome.is_cut =
      outcome.result.is_string() && text.ends_with(" bytes]") && text.contains(" [cut: ");
  return outcome;
}

bool was_not_made(const RulesRecord& record) {
  if (record.result == nullptr || !record.result->failed) return false;
  const json::value result = value_in(record.result->text);
  if (!result.is_object()) return false;
  const json::value* error = result.get_object().if_contains("error");
  return error != nullptr && error->is_string() && error->get_string() == not_made_error;
}

}  // namespace bellpull
