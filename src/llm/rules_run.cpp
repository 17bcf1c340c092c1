#include "llm/rules_run.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "llm/provider.h"
#include "llm/rules_facts.h"
#include "llm/rules_problem.h"
#include "llm/rules_program.h"
#include "llm/rules_template.h"
#include "llm/rules_turns.h"
#include "llm/rules_value.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A call that the server's stop kept from being made is asked for so often.
constexpr std::size_t most_tries = 5;

RulesResult<std::string> arguments_of(const RulesCall& call, const RulesFacts& facts) {
  RulesRoom room{max_written_bytes};
  json::object arguments;
  for (const auto& [name, value] : call.arguments) {
    auto made = value.value(facts, room);
    if (!made) return std::unexpected(std::move(made.error()));
    arguments[name] = std::move(*made);
  }
  return json::serialize(arguments);
}

std::string id_of(std::size_t number, std::size_t attempt) {
  std::string id = "r" + std::to_string(number);
  if (attempt > 1) id += "-" + std::to_string(attempt);
  return id;
}

// What a failed call says of itself, in a few words.
std::string cause_of(const RulesOutcome& outcome) {
  const json::object* object = outcome.result.if_object();
  const json::value* error = object == nullptr ? nullptr : object->if_contains("error");
  if (error == nullptr) return shown(inserted_text(outcome.result));
  std::string cause = shown(inserted_text(*error));
  const json::value* message = object->if_contains("message");
  if (message != nullptr && message->is_string()) {
    cause += ": " + shown(std::string_view{message->get_string()});
  }
  return cause;
}

std::string failure_of(const RulesCall& call, const RulesOutcome& outcome) {
  return "line " + std::to_string(call.line) + ": the call of `" + call.ability +
         "` failed: " + cause_of(outcome);
}

}  // namespace

RulesRun::RulesRun(const RulesProgram& program, RulesTurns turns)
    : program_(program), turns_(std::move(turns)) {}

std::expected<ModelAnswer, Failure> RulesRun::answer() {
  if (go_through(program_.rules)) settle("_success", summary());
  if (failure_) return std::unexpected(std::move(*failure_));
  return std::move(answer_);
}

std::string RulesRun::summary() const {
  if (rules_ == 0) return "No rule applies to this event.";
  return "The rules were followed to their end; calls made: " + std::to_string(calls_) + ".";
}

bool RulesRun::go_through(const std::vector<RulesRule>& rules) {
  for (const RulesRule& rule : rules) {
    const RulesResult<bool> applies = rule.when.holds(turns_.facts);
    if (!applies) return stop_at(applies.error());
    if (*applies && !follow(rule)) return false;
  }
  return true;
}

bool RulesRun::follow(const RulesRule& rule) {
  ++rules_;
  switch (rule.act) {
    case RulesRule::Act::call:
      return make_calls(rule);
    case RulesRule::Act::group:
      return go_through(rule.rules);
    case RulesRule::Act::reply:
    case RulesRule::Act::fail:
    case RulesRule::Act::succeed:
      break;
  }
  return write(rule);
}

bool RulesRun::write(const RulesRule& rule) {
  RulesRoom reason_room{max_written_bytes};
  const bool is_reply = rule.act == RulesRule::Act::reply;
  auto text = rule.text.text(turns_.facts, is_reply ? reply_room_ : reason_room);
  if (!text) return stop_at(text.error());
  if (!is_reply) {
    return settle(rule.act == RulesRule::Act::fail ? "_failure" : "_success", *text);
  }
  if (!replies_.empty() && !text->empty()) replies_ += "\n\n";
  replies_ += *text;
  return true;
}

bool RulesRun::make_calls(const RulesRule& rule) {
  std::vector<ToolCall> open;
  std::vector<RulesOutcome> outcomes(rule.calls.size());
  for (std::size_t i = 0; i < rule.calls.size(); ++i) {
    auto arguments = arguments_of(rule.calls[i], turns_.facts);
    if (!arguments) return stop_at(arguments.error());
    ++calls_;
    auto call = to_make(rule.calls[i], *arguments, outcomes[i]);
    if (failure_) return false;
    if (call) open.push_back(std::move(*call));
  }
  // What was replied before is in the answer that asked for these calls.
  if (open.size() < rule.calls.size()) replies_.clear();
  if (!open.empty()) return ask_for(std::move(open));
  return take_outcomes(rule, std::move(outcomes));
}

std::optional<ToolCall> RulesRun::to_make(const RulesCall& call, const std::string& arguments,
                                          RulesOutcome& outcome) {
  for (std::size_t attempt = 1;; ++attempt) {
    std::string id = id_of(calls_, attempt);
    const auto record = turns_.calls.find(id);
    if (record == turns_.calls.end()) return ToolCall{std::move(id), call.function, arguments};
    ++records_;
    const ToolCall& made = *record->second.call;
    if (made.name != call.function || made.arguments != arguments) {
      is_changed("call " + std::to_string(calls_) + " was `" + made.name + "` with " +
                 shown(made.arguments) + ", and by the program it is `" + call.function +
                 "` with " + shown(arguments) + " (line " + std::to_string(call.line) + ")");
      return std::nullopt;
    }
    if (attempt < most_tries && was_not_made(record->second)) continue;
    outcome = outcome_of(record->second);
    return std::nullopt;
  }
}

bool RulesRun::take_outcomes(const RulesRule& rule, std::vector<RulesOutcome> outcomes) {
  std::string failures;
  for (std::size_t i = 0; i < rule.calls.size(); ++i) {
    const RulesCall& call = rule.calls[i];
    if (outcomes[i].failed && !call.may_fail) {
      failures += (failures.empty() ? "" : "\n") + failure_of(call, outcomes[i]);
    }
    if (!call.name.empty()) turns_.facts.add_call(call.name, std::move(outcomes[i]));
  }
  return failures.empty() || settle("_failure", failures);
}

bool RulesRun::ask_for(std::vector<ToolCall> calls) {
  if (has_foreign_calls()) return false;
  answer_.text = std::move(replies_);
  answer_.calls = std::move(calls);
  answer_.stop = StopReason::tool_calls;
  return false;
}

bool RulesRun::settle(std::string_view function, const std::string& reason) {
  json::object arguments;
  arguments["reason"] = reason;
  return ask_for({{"settle", std::string{function}, json::serialize(arguments)}});
}

bool RulesRun::stop_at(const RulesProblem& problem) { return settle("_failure", problem.text()); }

bool RulesRun::has_foreign_calls() {
  if (records_ == turns_.calls.size()) return false;
  is_changed("the run has made " + std::to_string(turns_.calls.size()) +
             " calls, and the program comes to this point after " + std::to_string(records_));
  return true;
}

void RulesRun::is_changed(const std::string& what) {
  failure_ = Failure{
      .failure_class = FailureClass::final,
      .cause = "program_changed",
      .message = "The run can't go on: " + what +
                 ". The bot, its program or its abilities were changed while the run went on. No "
                 "call was repeated; replay the event to follow the program as it is now."};
}

}  // namespace bellpull
