#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/display_text.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/output.h"
#include "cli/references.h"
#include "cli/schedule_mending.h"
#include "cli/schedule_options.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

constexpr std::int64_t usual_count = 5;
constexpr std::int64_t max_count = 100;
constexpr std::string_view preview_path = "/integration/trigger/schedule/preview";

Excerpt excerpt_of(const std::string& text, const json::object& problem) {
  const std::int64_t position = number_at(problem, "position").value_or(0);
  const std::int64_t length = number_at(problem, "length").value_or(0);
  const std::size_t from = bytes_of(text, position);
  return {text, from, bytes_of(text, position + length) - from};
}

Failure refused(const AskedSchedule& asked, const json::array& problems) {
  const std::string& schedule = asked.schedule;
  Failure failure{.exit_code = ExitCode::conflict, .code = "BAD_REQUEST", .message = {}};
  std::string others;
  for (const json::value& each : problems) {
    const json::object& problem = each.as_object();
    const std::string message = text_at(problem, "message");
    const std::string hint = text_at(problem, "hint");
    if (!hint.empty()) failure.hint += (failure.hint.empty() ? "" : "; ") + hint;
    if (text_at(problem, "field") != "schedule") {
      others += (failure.message.empty() && others.empty() ? "" : "; ") + message;
      continue;
    }
    if (failure.message.empty()) {
      failure.message = fmt::format("schedule \"{}\" is not valid: {}", schedule, message);
      failure.excerpt = excerpt_of(schedule, problem);
    } else {
      failure.message += ", " + message;
    }
  }
  failure.message += others;
  failure.next = {{mended_command(asked, problems), ""}};
  return failure;
}

// The times of a body that names the trigger; fails when its schedule or zone can't be read.
Outcome<json::object> preview(CommandContext& context, const json::object& body,
                              const AskedSchedule& asked) {
  auto shown = context.client.post(preview_path, body);
  if (!shown) return shown;
  const json::array problems = array_at(*shown, "problems");
  if (!problems.empty()) return std::unexpected(refused(asked, problems));
  return shown;
}

void print(const CommandContext& context, const std::string& id, json::object shown) {
  const Output& output = context.output;
  const std::string phrase = text_at(shown, "phrase");
  const std::string note = text_at(shown, "note");
  if (output.is_json()) {
    shown["id"] = id;
    output.json(shown);
    return;
  }
  if (output.form() == OutputForm::terminal) output.text(printable(phrase));
  std::vector<json::object> fires;
  for (const json::value& fire : array_at(shown, "fires")) fires.push_back(fire.as_object());
  if (!fires.empty()) {
    output.table({{"local", "local"}, {"offset", "offset"}, {"at", "at", ValueForm::time}}, fires);
  }
  if (!note.empty()) output.note(note);
}

// How many times are asked for.
Outcome<std::int64_t> count_of(const Arguments& arguments) {
  const auto count = arguments.number("--preview", 1);
  if (!count) return std::unexpected(count.error());
  if (count->value_or(0) <= max_count) return count->value_or(usual_count);
  return usage_failure(fmt::format("--preview must be a whole number from 1 to {}, not \"{}\"",
                                   max_count, arguments.text("--preview")));
}

// What the words change of the trigger.
Outcome<json::object> change_of(const Arguments& arguments, const json::object& trigger) {
  auto change = schedule_change(arguments, trigger);
  if (!change || !arguments.has("SCHEDULE")) return change;
  const std::string schedule = arguments.text("SCHEDULE");
  (*change)["schedule"] = schedule == "none" ? "" : schedule;
  return change;
}

// Policies are no part of a preview: they move no time.
constexpr std::array<std::string_view, 5> previewed{"schedule", "timezone", "scheduleStartAt",
                                                    "scheduleEndAt", "scheduleJitter"};

Outcome<ExitCode> run(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  const auto count = count_of(arguments);
  if (!count) return std::unexpected(count.error());
  const auto trigger = find_resource(context.client, trigger_kind, arguments.text("TRIGGER"));
  if (!trigger) return std::unexpected(trigger.error());
  const std::string id = text_at(*trigger, "id");
  const auto change = change_of(arguments, *trigger);
  if (!change) return std::unexpected(change.error());

  const bool is_given = change->contains("schedule");
  const AskedSchedule words{.trigger = arguments.text("TRIGGER"),
                            .schedule = text_at(is_given ? *change : *trigger, "schedule"),
                            .is_given = is_given,
                            .timezone = arguments.text("--timezone")};
  const json::object asked{{"triggerId", id}, {"count", *count}};
  json::object changed = asked;
  for (const std::string_view name : previewed) {
    if (const json::value* value = change->if_contains(name)) changed[name] = *value;
  }
  auto shown = preview(context, changed, words);
  if (!shown) return std::unexpected(shown.error());
  if (!change->empty() && !arguments.has("--preview")) {
    const auto updated =
        context.client.post(fmt::format("/integration/trigger/{}/update", id), *change);
    if (!updated) return std::unexpected(updated.error());
    // An interval counts from the change, which the server has the time of.
    shown = preview(context, asked, words);
    if (!shown) return std::unexpected(shown.error());
  }
  const bool is_paused = text_at(*shown, "state") == "paused";
  print(context, id, *std::move(shown));
  if (is_paused) {
    context.output.note("Let it go on: bellpull trigger resume " + shell_word(words.trigger));
  }
  return ExitCode::ok;
}

}  // namespace

Command schedule_command() {
  std::vector<Option> options = schedule_options();
  options.push_back({"--preview", "N", "show the next N times, up to 100, and set nothing"});
  return {
      .group = "trigger",
      .name = "schedule",
      .purpose = "Show or set when a trigger fires by itself",
      .parameters = {{"TRIGGER", "id, @alias or name"},
                     {"SCHEDULE",
                      "cron expression, interval word (hourly), time (09:30), date for once, or "
                      "none; without one, what is set",
                      Need::optional}},
      .options = std::move(options),
      .examples =
          {{{"bellpull trigger schedule @nightly", "what it is, and its next times"},
            {"bellpull trigger schedule @nightly \"0 2 * * mon-fri\" --tz Europe/Sofia", "set it"},
            {"bellpull trigger schedule @nightly \"0 1 * * *\" --preview 10", "only try it"}}},
      .run = run,
      .details =
          "\"none\" takes a value away (--jitter none); times without an offset are in its time "
          "zone."};
}

}  // namespace bellpull::cli
