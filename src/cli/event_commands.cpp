#include <expected>
#include <string>
#include <string_view>
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
#include "cli/references.h"
#include "cli/tail.h"

namespace bellpull::cli {

namespace {

std::string event_path(const CommandContext& context, std::string_view verb) {
  return fmt::format("/event/inbox/{}/{}", percent_encoded(context.arguments.text("EVENT")), verb);
}

// The id of the trigger that `name` holds; "" when it was not given.
Outcome<std::string> trigger_id(CommandContext& context, std::string_view name) {
  if (!context.arguments.has(name)) return std::string{};
  const auto trigger = find_resource(context.client, trigger_kind, context.arguments.text(name));
  if (!trigger) return std::unexpected(trigger.error());
  return text_at(*trigger, "id");
}

Outcome<ExitCode> list(CommandContext& context) {
  const auto trigger = trigger_id(context, "--trigger");
  if (!trigger) return std::unexpected(trigger.error());
  return print_list(
      context,
      {.path = "/event/inbox/list",
       .columns = {{"id", "id", ValueForm::id},
                   {"state", "state", ValueForm::state},
                   {"received", "receivedAt", ValueForm::time},
                   {"trigger", "triggerId", ValueForm::id, Presence::optional},
                   {"source", "source", ValueForm::text, Presence::optional},
                   {"session", "session", ValueForm::text, Presence::optional},
                   {"attempt", "attempt", ValueForm::number, Presence::optional},
                   {"unknown", "unknownOutcomes", ValueForm::number, Presence::optional},
                   {"reason", "reason", ValueForm::text, Presence::optional}},
       .when_empty = "No events: bellpull event send TRIGGER -d '{\"hello\":\"world\"}'",
       .filters = {{"triggerId", *trigger},
                   {"state", context.arguments.text("--state")},
                   {"unknownOutcomes", context.arguments.has("--unknown") ? "true" : ""}}});
}

Outcome<ExitCode> get(CommandContext& context) {
  const auto event = context.client.get(event_path(context, "fetch"));
  if (!event) return std::unexpected(event.error());
  if (context.arguments.has("--body")) {
    context.surroundings.out << text_at(*event, "body");
    context.surroundings.out.flush();
    return ExitCode::ok;
  }
  context.output.object({{"id", "id", ValueForm::id},
                         {"state", "state", ValueForm::state},
                         {"reason", "reason"},
                         {"error", "error"},
                         {"received", "receivedAt", ValueForm::time},
                         {"source", "source"},
                         {"trigger", "triggerId", ValueForm::id},
                         {"run", "runId", ValueForm::id},
                         {"conversation", "conversationId", ValueForm::id},
                         {"session", "session"},
                         {"contact name", "contact.name"},
                         {"contact email", "contact.email"},
                         {"contact phone", "contact.phone"},
                         {"method", "method"},
                         {"content type", "contentType"},
                         {"query", "query"},
                         {"headers", "headers"},
                         {"attempt", "attempt", ValueForm::number},
                         {"unknown outcomes", "unknownOutcomes", ValueForm::number},
                         {"started", "startedAt", ValueForm::time},
                         {"ended", "endedAt", ValueForm::time},
                         {"size", "bodySize", ValueForm::bytes},
                         {"body", "body"}},
                        *event);
  return ExitCode::ok;
}

Outcome<ExitCode> cancel(CommandContext& context) {
  const auto canceled = context.client.post(event_path(context, "cancel"));
  if (!canceled) return std::unexpected(canceled.error());
  context.output.object({{"canceled", "id", ValueForm::id}}, *canceled);
  return ExitCode::ok;
}

Outcome<ExitCode> tail_events(CommandContext& context) {
  const auto trigger = trigger_id(context, "TRIGGER");
  if (!trigger) return std::unexpected(trigger.error());
  return tail(context, {.trigger_id = *trigger, .conversation_id = {}});
}

Command list_command() {
  return {
      .group = "event",
      .name = "list",
      .purpose = "List events with the state of their runs, newest first",
      .options = with_list_options(
          {{"--trigger", "TRIGGER", "only those of this trigger"},
           {"--state", "STATE",
            "queued, running, waiting, retrying, succeeded, failed, incomplete, canceled, dead"},
           {"--unknown", "", "only those with calls whose outcome nobody knows"}}),
      .examples = {{{"bellpull event list --unknown", "what somebody should look into"},
                    {"bellpull event list --state dead --trigger @orders",
                     "dead letters of one trigger"},
                    {"bellpull event list --all --jsonl > events.jsonl", "all of them"}}},
      .run = list};
}

}  // namespace

std::vector<Command> event_commands() {
  const std::vector<Parameter> one{{"EVENT", "id, such as event_1f"}};
  return {
      event_send_command(),
      list_command(),
      {.group = "event",
       .name = "get",
       .purpose = "Show one event and how its run stands",
       .parameters = one,
       .options = {{"--body", "", "only its body, byte for byte"}},
       .examples = {{{"bellpull event get event_1f", "what came, and what became of it"},
                     {"bellpull event get event_1f --json", "as JSON"},
                     {"bellpull event get event_1f --body > body.json", "its body"}}},
       .run = get},
      {.group = "event",
       .name = "tail",
       .purpose = "Follow the runs of events as they happen",
       .parameters = {{"TRIGGER", "id, @alias or name; all triggers without it", Need::optional}},
       .options = with_tail_options({}),
       .examples = {{{"bellpull event tail", "everything, from the last 10 runs on"},
                     {"bellpull event tail @orders --last 0", "one trigger, only what is new"},
                     {"bellpull event tail --jsonl | jq .data.state", "one object a line"}}},
       .run = tail_events},
      {.group = "event",
       .name = "cancel",
       .purpose = "Cancel the run of an event, whatever it is doing",
       .parameters = one,
       .examples = {{{"bellpull event cancel event_1f", "cancel it"},
                     {"bellpull event cancel event_1f --json", "answer in JSON"},
                     {"bellpull event cancel event_1f --quiet", "print only its id"}}},
       .run = cancel},
  };
}

}  // namespace bellpull::cli
