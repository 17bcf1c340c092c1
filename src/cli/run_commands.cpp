#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/run_follower.h"
#include "cli/tape.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

std::string run_path(const CommandContext& context, std::string_view rest) {
  return fmt::format("/run/{}/{}", percent_encoded(context.arguments.text("RUN")), rest);
}

Outcome<ExitCode> get(CommandContext& context) {
  const auto run = context.client.get(run_path(context, "fetch"));
  if (!run) return std::unexpected(run.error());
  context.output.object({{"id", "id", ValueForm::id},
                         {"state", "state", ValueForm::state},
                         {"reason", "reason"},
                         {"error", "error"},
                         {"event", "eventId", ValueForm::id},
                         {"trigger", "triggerId", ValueForm::id},
                         {"conversation", "conversationId", ValueForm::id},
                         {"attempt", "attempt", ValueForm::number},
                         {"next attempt", "nextAttemptAt", ValueForm::time},
                         {"queued", "queuedAt", ValueForm::time},
                         {"started", "startedAt", ValueForm::time},
                         {"ended", "endedAt", ValueForm::time},
                         {"steps", "steps", ValueForm::number},
                         {"model calls", "modelCalls", ValueForm::number},
                         {"tools", "actionCalls", ValueForm::number},
                         {"unknown outcomes", "unknownOutcomes", ValueForm::number},
                         {"input tokens", "inputTokens", ValueForm::number},
                         {"output tokens", "outputTokens", ValueForm::number}},
                        *run);
  return ExitCode::ok;
}

// On a terminal the timeline that `tail` shows, else the list of the API.
Outcome<ExitCode> steps(CommandContext& context) {
  const bool shows_timeline =
      context.output.form() == OutputForm::terminal && context.output.fields().empty();
  if (!shows_timeline) {
    return print_list(context, {.path = run_path(context, "step/list"),
                                .columns = {{"number", "number", ValueForm::number},
                                            {"kind", "kind"},
                                            {"attempt", "attempt", ValueForm::number},
                                            {"created", "createdAt", ValueForm::time},
                                            {"data", "data"}},
                                .when_empty = "No steps yet."});
  }
  const auto run = context.client.get(run_path(context, "fetch"));
  if (!run) return std::unexpected(run.error());
  auto event = context.client.get(
      fmt::format("/event/inbox/{}/fetch", percent_encoded(text_at(*run, "eventId"))));
  if (!event) return std::unexpected(event.error());
  Tape tape{context.output};
  const auto written = RunFollower{context.client, tape, std::move(*event)}.advance();
  if (!written) return std::unexpected(written.error());
  return ExitCode::ok;
}

Outcome<ExitCode> cancel(CommandContext& context) {
  const auto canceled = context.client.post(run_path(context, "cancel"));
  if (!canceled) return std::unexpected(canceled.error());
  context.output.object({{"canceled", "id", ValueForm::id}}, *canceled);
  return ExitCode::ok;
}

// What is no JSON is the text that it is.
json::value result_of(const std::string& text) {
  boost::system::error_code failure;
  json::value result = json::parse(text, failure);
  return failure ? json::value(text) : result;
}

Outcome<ExitCode> resolve(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  json::object body{{"outcome", arguments.text("OUTCOME")}};
  if (arguments.has("--result")) body["result"] = result_of(arguments.text("--result"));
  if (arguments.has("--note")) body["note"] = arguments.text("--note");
  const auto resolved = context.client.post(
      fmt::format("/step/{}/resolve", percent_encoded(arguments.text("STEP"))), body);
  if (!resolved) return std::unexpected(resolved.error());
  context.output.object({{"resolved", "resolves", ValueForm::id}, {"by step", "id", ValueForm::id}},
                        *resolved);
  return ExitCode::ok;
}

Command resolve_command() {
  return {.group = "run",
          .name = "resolve",
          .purpose = "Say what became of a call whose outcome nobody knows",
          .parameters = {{"STEP", "id, such as step_1f0004: a timeline names it"},
                         {"OUTCOME", "done (it took effect) or not_done"}},
          .options = {{"--result", "JSON", "what the call would have given, as JSON or text"},
                      {"--note", "TEXT", "how it was found out"}},
          .examples = {{{"bellpull run resolve step_1f0004 not_done", "it did not happen"},
                        {"bellpull run resolve step_1f0004 done --note 'seen at the bank'",
                         "it did, and how that is known"},
                        {"bellpull run resolve step_1f0004 done --result '{\"order\":7}'",
                         "and what it would have answered"}}},
          .run = resolve,
          .details =
              "The conversation, later runs of its session and a further attempt read it in "
              "place of the unknown outcome. It is said once; the same again changes "
              "nothing."};
}

}  // namespace

std::vector<Command> run_commands() {
  const std::vector<Parameter> one{{"RUN", "id, such as run_1f"}};
  return {
      {.group = "run",
       .name = "get",
       .purpose = "Show one run: state, attempts, tokens",
       .parameters = one,
       .examples = {{{"bellpull run get run_1f", "how it stands"},
                     {"bellpull run get run_1f --json", "as JSON"},
                     {"bellpull run get run_1f --fields state,reason", "two fields"}}},
       .run = get},
      {.group = "run",
       .name = "steps",
       .purpose = "Show what a run did, step by step",
       .parameters = one,
       .options = with_list_options({}),
       .examples = {{{"bellpull run steps run_1f", "its timeline"},
                     {"bellpull run steps run_1f --json", "the steps in full"},
                     {"bellpull run steps run_1f --jsonl --all | jq .kind", "one a line"}}},
       .run = steps},
      {.group = "run",
       .name = "cancel",
       .purpose = "Cancel a run, whatever it is doing",
       .parameters = one,
       .examples = {{{"bellpull run cancel run_1f", "cancel it"},
                     {"bellpull run cancel run_1f --json", "answer in JSON"},
                     {"bellpull run cancel run_1f --quiet", "print only its id"}}},
       .run = cancel},
      resolve_command(),
  };
}

}  // namespace bellpull::cli
