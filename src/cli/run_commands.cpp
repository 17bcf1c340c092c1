#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
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
  };
}

}  // namespace bellpull::cli
