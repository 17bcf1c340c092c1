#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/references.h"

namespace bellpull::cli {

namespace {

Outcome<boost::json::object> named(CommandContext& context) {
  return find_resource(context.client, approval_kind, context.arguments.text("APPROVAL"));
}

Outcome<ExitCode> list(CommandContext& context) {
  std::string trigger;
  if (context.arguments.has("--trigger")) {
    const auto found =
        find_resource(context.client, trigger_kind, context.arguments.text("--trigger"));
    if (!found) return std::unexpected(found.error());
    trigger = text_at(*found, "id");
  }
  return print_list(
      context, {.path = "/approval/list",
                .columns = {{"id", "id", ValueForm::id},
                            {"state", "state", ValueForm::state},
                            {"question", "question"},
                            {"until", "expiresAt", ValueForm::time},
                            {"run", "runId", ValueForm::id, Presence::optional}},
                .when_empty = "No approvals.",
                .filters = {{"state", context.arguments.text("--state")}, {"triggerId", trigger}}});
}

Outcome<ExitCode> get(CommandContext& context) {
  const auto approval = named(context);
  if (!approval) return std::unexpected(approval.error());
  context.output.object({{"id", "id", ValueForm::id},
                         {"state", "state", ValueForm::state},
                         {"question", "question"},
                         {"details", "details"},
                         {"trigger", "triggerId", ValueForm::id},
                         {"run", "runId", ValueForm::id},
                         {"conversation", "conversationId", ValueForm::id},
                         {"asked", "createdAt", ValueForm::time},
                         {"until", "expiresAt", ValueForm::time},
                         {"decided", "decidedAt", ValueForm::time},
                         {"by", "decidedBy", ValueForm::id},
                         {"name", "deciderName"},
                         {"note", "note"},
                         {"link", "link"}},
                        *approval);
  return ExitCode::ok;
}

Outcome<ExitCode> decide(CommandContext& context, bool approve) {
  const auto approval = named(context);
  if (!approval) return std::unexpected(approval.error());
  boost::json::object decision{{"approve", approve}};
  if (context.arguments.has("--note")) decision["note"] = context.arguments.text("--note");
  const auto decided =
      context.client.post("/approval/" + text_at(*approval, "id") + "/decide", decision);
  if (!decided) return std::unexpected(decided.error());
  context.output.object({{approve ? "approved" : "refused", "id", ValueForm::id}}, *decided);
  return ExitCode::ok;
}

Outcome<ExitCode> approve(CommandContext& context) { return decide(context, true); }
Outcome<ExitCode> refuse(CommandContext& context) { return decide(context, false); }

}  // namespace

std::vector<Command> approval_commands() {
  const std::vector<Parameter> one{{"APPROVAL", "its id"}};
  const std::vector<Option> note{{"--note", "TEXT", "told to the bot, and why a run failed"}};
  return {
      {.group = "approval",
       .name = "list",
       .purpose = "List what bots ask people, newest first",
       .options = with_list_options(
           {{"--state", "STATES", "pending, approved, refused, expired, void; several by commas"},
            {"--trigger", "TRIGGER", "only those of its runs"}}),
       .examples = {{{"bellpull approval list --state pending", "what waits for an answer"},
                     {"bellpull approval list --trigger @orders", "of one trigger"},
                     {"bellpull approval list --state pending --quiet", "their ids"}}},
       .run = list},
      {.group = "approval",
       .name = "get",
       .purpose = "Show one approval, with its link while it can be decided",
       .parameters = one,
       .examples = {{{"bellpull approval get approval_00000000030...", "the question"},
                     {"bellpull approval get approval_00000000030... --json", "as JSON"},
                     {"bellpull approval get approval_00000000030... --fields link", "its link"}}},
       .run = get},
      {.group = "approval",
       .name = "approve",
       .purpose = "Say yes, and let the run go on",
       .parameters = one,
       .options = note,
       .examples = {{{"bellpull approval approve approval_00000000030...", "say yes"},
                     {"bellpull approval approve approval_00000000030... --note \"up to 90\"",
                      "with a note"},
                     {"bellpull approval approve approval_00000000030... --json",
                      "answer in JSON"}}},
       .run = approve},
      {.group = "approval",
       .name = "refuse",
       .purpose = "Say no",
       .parameters = one,
       .options = note,
       .examples =
           {{{"bellpull approval refuse approval_00000000030...", "say no"},
             {"bellpull approval refuse approval_00000000030... --note \"too much\"", "and why"},
             {"bellpull approval refuse approval_00000000030... --quiet", "print only its id"}}},
       .run = refuse,
       .details = "The run ends as failed, unless its ability says that the bot is to be told."},
  };
}

}  // namespace bellpull::cli
