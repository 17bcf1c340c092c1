#include "cli/timeline.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cli/display_text.h"
#include "cli/json_path.h"
#include "cli/status_words.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t max_value_width = 60;

// `sku="SKU-001" count=2`; what is no object as it is.
std::string brief(const json::value& value) {
  if (value.is_string()) return std::string{value.get_string()};
  if (!value.is_object()) return json::serialize(value);
  std::string text;
  for (const auto& member : value.get_object()) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", std::string_view{member.key()},
                        cut(json::serialize(member.value()), max_value_width));
  }
  return text;
}

// What went wrong, from the result that the model was given.
std::string failure_of(const json::value* result) {
  if (result == nullptr) return "no result";
  if (result->is_object()) {
    for (const std::string_view name : {"message", "error"}) {
      if (const std::string text = text_at(result->get_object(), name); !text.empty()) return text;
    }
  }
  return brief(*result);
}

Duration duration_of(const json::object& data) {
  return Duration{number_at(data, "durationMs").value_or(0)};
}

}  // namespace

RunTimeline::RunTimeline(json::object event)
    : event_(std::move(event)), received_at_(time_at(event_, "receivedAt").value_or(TimePoint{})) {}

std::string RunTimeline::title() const {
  const std::string session = text_at(event_, "session");
  return session.empty() ? "own session" : session;
}

TimelineRow RunTimeline::event_row() const {
  std::string text = text_at(event_, "source");
  if (text == "request") {
    text = text_at(event_, "method");
    if (const std::string type = text_at(event_, "contentType"); !type.empty()) text += " " + type;
  }
  if (const auto size = number_at(event_, "bodySize"); size && *size > 0) {
    text += " " + bytes_text(*size);
  }
  return {.at = received_at_, .kind = "event", .text = std::move(text), .took = {}};
}

std::vector<TimelineRow> RunTimeline::rows_of(const json::object& step) {
  const std::string kind = text_at(step, "kind");
  const json::object data = object_at(step, "data");
  const TimePoint recorded = time_at(step, "createdAt").value_or(received_at_);
  if (kind == "model") return model_rows(data, recorded);
  if (kind == "intent") intents_[number_at(step, "number").value_or(0)] = data;
  if (kind == "result") return {tool_row(step, recorded)};
  if (kind == "resolved") return {resolved_row(data, recorded)};
  if (kind == "note") {
    const bool is_failure = text_at(data, "note") == "attempt_failed";
    std::string text = text_at(data, "text");
    if (is_failure) text = fmt::format("attempt {} failed: {}", text_at(step, "attempt"), text);
    return {{.at = recorded,
             .kind = "note",
             .text = std::move(text),
             .took = {},
             .has_failed = is_failure}};
  }
  return {};
}

std::vector<TimelineRow> RunTimeline::model_rows(const json::object& data,
                                                 TimePoint recorded) const {
  const Duration took = duration_of(data);
  std::string text = text_at(data, "model");
  const auto input = number_at(data, "usage.input").value_or(0);
  const auto output = number_at(data, "usage.output").value_or(0);
  if (input + output > 0) {
    text += fmt::format("  {} in / {} out", number_text(input), number_text(output));
  }
  std::string wanted;
  for (const json::value& call : array_at(data, "calls")) {
    if (!call.is_object()) continue;
    wanted += (wanted.empty() ? "  wants " : ", ") + text_at(call.get_object(), "name");
  }
  std::vector<TimelineRow> rows{
      {.at = recorded - took, .kind = "model", .text = text + wanted, .took = took}};
  if (std::string said = text_at(data, "text"); !said.empty()) {
    rows.push_back({.at = recorded, .kind = "bot", .text = std::move(said), .took = {}});
  }
  return rows;
}

TimelineRow RunTimeline::resolved_row(const json::object& data, TimePoint recorded) const {
  const auto call = unknown_.find(number_at(data, "of").value_or(0));
  std::string text = "resolved: ";
  text += call == unknown_.end() ? "the call" : call->second;
  text += text_at(data, "outcome") == "done" ? " took effect" : " did not take effect";
  if (const std::string note = text_at(data, "note"); !note.empty()) text += ": " + note;
  return {.at = recorded, .kind = "note", .text = std::move(text), .took = {}};
}

TimelineRow RunTimeline::tool_row(const json::object& step, TimePoint recorded) {
  const json::object data = object_at(step, "data");
  const auto intent = intents_.extract(number_at(data, "intent").value_or(0));
  const json::object call = intent.empty() ? json::object{} : intent.mapped();
  const json::value* result = find_path(data, "result");
  const bool has_failed = text_at(data, "isError") == "true";
  if (has_failed) ++failed_tools_;

  std::string text = text_at(call, "name");
  const json::value* arguments = find_path(call, "arguments");
  if (text_at(data, "outcomeUnknown") == "true") {
    unknown_[number_at(step, "number").value_or(0)] = text;
    text +=
        fmt::format(" has an unknown outcome ({}): {}", text_at(step, "id"), failure_of(result));
  } else if (has_failed) {
    text += " failed: " + failure_of(result);
  } else {
    if (arguments != nullptr) text += " " + brief(*arguments);
    if (result != nullptr) text += " -> " + brief(*result);
  }
  const Duration took = duration_of(data);
  return {.at = recorded - took,
          .kind = "tool",
          .text = std::move(text),
          .took = took,
          .has_failed = has_failed};
}

std::string RunTimeline::summary(const json::object& run) const {
  const std::string state = text_at(run, "state");
  std::string text{status_word(state).word};
  const auto ended = time_at(run, "endedAt");
  const auto started = time_at(run, "startedAt");
  if (ended && started) text += " in " + duration_text(*ended - *started);
  const auto add = [&text](const std::string& part) { text += " · " + part; };
  if (const auto calls = number_at(run, "modelCalls"); calls && *calls > 0) {
    add(counted(*calls, "model call"));
  }
  if (const auto tools = number_at(run, "actionCalls"); tools && *tools > 0) {
    add(counted(*tools, "tool") +
        (failed_tools_ > 0 ? fmt::format(" ({} failed)", failed_tools_) : std::string{}));
  }
  if (const auto unknown = number_at(run, "unknownOutcomes"); unknown && *unknown > 0) {
    add(counted(*unknown, "unknown outcome"));
  }
  const auto tokens =
      number_at(run, "inputTokens").value_or(0) + number_at(run, "outputTokens").value_or(0);
  if (tokens > 0) add(counted(tokens, "token"));
  if (const auto attempt = number_at(run, "attempt"); attempt && *attempt > 1) {
    add(fmt::format("attempt {}", *attempt));
  }
  const std::string reason = text_at(run, "reason");
  const std::string error = text_at(run, "error");
  if (!reason.empty()) add(reason);
  if (!error.empty() && error != reason) add(error);
  return text;
}

std::string offset_text(TimePoint at, TimePoint received_at) {
  // A model's answer may seem to begin before its event, when clocks were stepped.
  const auto apart = std::max(at - received_at, Duration{0});
  return fmt::format("+{:.3f}", static_cast<double>(apart.count()) / 1'000);
}

std::string_view icon_of(const TimelineRow& row) {
  if (row.has_failed) return "✗";
  if (row.kind == "event") return "▾";
  if (row.kind == "model") return "*";
  if (row.kind == "tool") return "⚙";
  if (row.kind == "bot") return "#";
  return "·";
}

Hue hue_of(const TimelineRow& row) {
  if (row.has_failed) return Hue::fail;
  if (row.kind == "event") return Hue::wait;
  if (row.kind == "model") return Hue::run;
  if (row.kind == "tool") return Hue::retry;
  return row.kind == "bot" ? Hue::bold : Hue::dim;
}

}  // namespace bellpull::cli
