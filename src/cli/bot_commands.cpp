#include <expected>
#include <vector>

#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/listing.h"
#include "cli/references.h"

namespace bellpull::cli {

namespace {

Outcome<ExitCode> list(CommandContext& context) {
  return print_list(context,
                    {.path = "/bot/list",
                     .columns = {{"id", "id", ValueForm::id},
                                 {"alias", "alias", ValueForm::text, Presence::optional},
                                 {"name", "name"},
                                 {"model", "model"},
                                 {"updated", "updatedAt", ValueForm::time, Presence::optional}},
                     .when_empty = "No bots yet."});
}

Outcome<ExitCode> get(CommandContext& context) {
  const auto bot = find_resource(context.client, bot_kind, context.arguments.text("BOT"));
  if (!bot) return std::unexpected(bot.error());
  context.output.object({{"id", "id", ValueForm::id},
                         {"alias", "alias"},
                         {"name", "name"},
                         {"description", "description"},
                         {"model", "model"},
                         {"skillset", "skillsetId", ValueForm::id},
                         {"backstory", "backstory"},
                         {"created", "createdAt", ValueForm::time},
                         {"updated", "updatedAt", ValueForm::time}},
                        *bot);
  return ExitCode::ok;
}

}  // namespace

std::vector<Command> bot_commands() {
  return {
      {.group = "bot",
       .name = "list",
       .purpose = "List the bots",
       .options = with_list_options({}),
       .examples = {{{"bellpull bot list", "all bots, newest first"},
                     {"bellpull bot list --fields name,model", "two columns"},
                     {"bellpull bot list --json", "as JSON"}}},
       .run = list},
      {.group = "bot",
       .name = "get",
       .purpose = "Show one bot",
       .parameters = {{"BOT", "id, @alias or name"}},
       .examples = {{{"bellpull bot get @orders", "by alias"},
                     {"bellpull bot get \"Order desk\" --json", "by name, as JSON"},
                     {"bellpull bot get @orders --fields backstory", "its instructions only"}}},
       .run = get},
  };
}

}  // namespace bellpull::cli
