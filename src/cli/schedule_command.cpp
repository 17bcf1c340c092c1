#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
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

namespace bellpull::cli {

namespace json = boost::json;

namespace {

constexpr std::int64_t usual_count = 5;
constexpr std::string_view preview_path = "/integration/trigger/schedule/preview";

// Where in the text, in bytes, a number of characters ends.
std::size_t bytes_of(std::string_view text, std::int64_t characters) {
  std::size_t at = 0;
  while (at < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && characters-- == 0) break;
    ++at;
  }
  return at;
}

Excerpt excerpt_of(const std::string& text, const json::object& problem) {
  const std::int64_t position = number_at(problem, "position").value_or(0);
  const std::int64_t length = number_at(problem, "length").value_or(0);
  const std::size_t from = bytes_of(text, position);
  return {text, from, bytes_of(text, position + length) - from};
}

// As it was typed, for a shell.
std::string shell_word(const std::string& word) {
  const bool is_plain = word.find_first_of(" \t\"'$`\\*?&|;<>()#!") == std::string::npos;
  return is_plain ? word : fmt::format("\"{}\"", word);
}

Failure refused(const CommandContext& context, const std::string& schedule,
                const json::array& problems) {
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
  failure.next = {{fmt::format("bellpull trigger schedule {} \"0 1 * * *\" --preview 5",
                               shell_word(context.arguments.text("TRIGGER"))),
                   ""}};
  return failure;
}

// The times of a body that names the trigger; fails when its schedule or zone can't be read.
Outcome<json::object> preview(CommandContext& context, const json::object& body,
                              const std::string& schedule) {
  auto shown = context.client.post(preview_path, body);
  if (!shown) return shown;
  const json::array problems = array_at(*shown, "problems");
  if (!problems.empty()) return std::unexpected(refused(context, schedule, problems));
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

Outcome<ExitCode> run(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  const auto count = arguments.number("--preview", 1);
  if (!count) return std::unexpected(count.error());
  const auto trigger = find_resource(context.client, trigger_kind, arguments.text("TRIGGER"));
  if (!trigger) return std::unexpected(trigger.error());
  const std::string id = text_at(*trigger, "id");

  json::object change;
  std::string schedule = text_at(*trigger, "schedule");
  if (arguments.has("SCHEDULE")) {
    schedule = arguments.text("SCHEDULE");
    if (schedule == "none") schedule.clear();
    change["schedule"] = schedule;
  }
  if (arguments.has("--tz")) change["timezone"] = arguments.text("--tz");

  json::object asked{{"triggerId", id}, {"count", count->value_or(usual_count)}};
  json::object changed = asked;
  for (const auto& [name, value] : change) changed[name] = value;
  auto shown = preview(context, changed, schedule);
  if (!shown) return std::unexpected(shown.error());
  if (!change.empty() && !arguments.has("--preview")) {
    const auto updated =
        context.client.post(fmt::format("/integration/trigger/{}/update", id), change);
    if (!updated) return std::unexpected(updated.error());
    // An interval counts from the change, which the server has the time of.
    shown = preview(context, asked, schedule);
    if (!shown) return std::unexpected(shown.error());
  }
  print(context, id, *std::move(shown));
  return ExitCode::ok;
}

}  // namespace

Command schedule_command() {
  return {
      .group = "trigger",
      .name = "schedule",
      .purpose = "Show or set when a trigger fires by itself",
      .parameters = {{"TRIGGER", "id, @alias or name"},
                     {"SCHEDULE",
                      "cron expression, interval word (hourly), time (09:30), date for once, or "
                      "none; without one, what is set",
                      Need::optional}},
      .options = {{"--tz", "ZONE", "its time zone, such as Europe/Sofia; \"\": UTC"},
                  {"--preview", "N", "show the next N times, up to 100, and set nothing"}},
      .examples =
          {{{"bellpull trigger schedule @nightly", "what it is, and its next times"},
            {"bellpull trigger schedule @nightly \"0 2 * * mon-fri\" --tz Europe/Sofia", "set it"},
            {"bellpull trigger schedule @nightly \"0 1 * * *\" --preview 10", "only try it"}}},
      .run = run};
}

}  // namespace bellpull::cli
