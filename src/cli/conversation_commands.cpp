#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
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
#include "cli/references.h"
#include "cli/tail.h"

namespace bellpull::cli {

namespace {

constexpr auto trigger_in_meta = "meta.trigger.integrationId";

Outcome<std::string> id_of(CommandContext& context, const ResourceKind& kind,
                           std::string_view option) {
  if (!context.arguments.has(option)) return std::string{};
  const auto found = find_resource(context.client, kind, context.arguments.text(option));
  if (!found) return std::unexpected(found.error());
  return text_at(*found, "id");
}

Outcome<ExitCode> list(CommandContext& context) {
  const auto bot = id_of(context, bot_kind, "--bot");
  if (!bot) return std::unexpected(bot.error());
  const auto trigger = id_of(context, trigger_kind, "--trigger");
  if (!trigger) return std::unexpected(trigger.error());
  return print_list(context,
                    {.path = "/conversation/list",
                     .columns = {{"id", "id", ValueForm::id},
                                 {"name", "name"},
                                 {"updated", "updatedAt", ValueForm::time},
                                 {"bot", "botId", ValueForm::id, Presence::optional},
                                 {"contact", "contactId", ValueForm::id, Presence::optional},
                                 {"trigger", trigger_in_meta, ValueForm::id, Presence::optional}},
                     .when_empty = "No conversations yet.",
                     .filters = {{"botId", *bot},
                                 {"contactId", context.arguments.text("--contact")},
                                 {trigger_in_meta, *trigger}}});
}

Outcome<ExitCode> get(CommandContext& context) {
  const auto conversation =
      find_resource(context.client, conversation_kind, context.arguments.text("CONVERSATION"));
  if (!conversation) return std::unexpected(conversation.error());
  if (context.arguments.has("--messages")) {
    return print_list(
        context,
        {.path = "/conversation/" + text_at(*conversation, "id") + "/message/list",
         .columns = {{"created", "createdAt", ValueForm::time},
                     {"type", "type"},
                     {"call", "meta.activity.function.name", ValueForm::text, Presence::optional},
                     {"text", "text"}},
         .when_empty = "No messages."});
  }
  context.output.object({{"id", "id", ValueForm::id},
                         {"name", "name"},
                         {"description", "description"},
                         {"bot", "botId", ValueForm::id},
                         {"contact", "contactId", ValueForm::id},
                         {"trigger", trigger_in_meta, ValueForm::id},
                         {"model", "model"},
                         {"created", "createdAt", ValueForm::time},
                         {"updated", "updatedAt", ValueForm::time}},
                        *conversation);
  return ExitCode::ok;
}

// The newest conversation, waiting for the first one when there is none yet.
Outcome<boost::json::object> latest(CommandContext& context) {
  while (true) {
    auto page = read_page(context.client, "/conversation/list", {}, 1);
    if (!page) return std::unexpected(page.error());
    if (!page->items.empty()) return std::move(page->items.front());
    if (context.arguments.has("--no-follow")) {
      return std::unexpected(Failure{
          .exit_code = ExitCode::not_found, .code = {}, .message = "there is no conversation yet"});
    }
    const auto paused = context.client.pause(std::chrono::seconds{1});
    if (!paused) return std::unexpected(paused.error());
  }
}

Outcome<ExitCode> tail_conversation(CommandContext& context) {
  const bool is_named = context.arguments.has("CONVERSATION");
  const bool of_trigger = context.arguments.has("--trigger");
  if (static_cast<int>(is_named) + static_cast<int>(of_trigger) +
          static_cast<int>(context.arguments.has("--latest")) >
      1) {
    return usage_failure("a conversation, --latest and --trigger exclude each other");
  }
  if (of_trigger) {
    auto trigger = id_of(context, trigger_kind, "--trigger");
    if (!trigger) return std::unexpected(trigger.error());
    return tail(context, {.trigger_id = std::move(*trigger), .conversation_id = {}});
  }
  const auto conversation = is_named ? find_resource(context.client, conversation_kind,
                                                     context.arguments.text("CONVERSATION"))
                                     : latest(context);
  if (!conversation) return std::unexpected(conversation.error());
  const std::string id = text_at(*conversation, "id");
  context.output.note("Conversation " + id + "  " + text_at(*conversation, "name"));
  return tail(context,
              {.trigger_id = text_at(*conversation, trigger_in_meta), .conversation_id = id});
}

}  // namespace

std::vector<Command> conversation_commands() {
  return {
      {.group = "conversation",
       .name = "list",
       .purpose = "List conversations, newest first",
       .options = with_list_options({{"--trigger", "TRIGGER", "only those that it opened"},
                                     {"--bot", "BOT", "only those of this bot"},
                                     {"--contact", "ID", "only those with this contact"}}),
       .examples = {{{"bellpull conversation list", "the newest 100"},
                     {"bellpull conversation list --trigger @orders", "of one trigger"},
                     {"bellpull conv ls --limit 1 --quiet", "the id of the newest"}}},
       .run = list},
      {.group = "conversation",
       .name = "get",
       .purpose = "Show one conversation, or its messages",
       .parameters = {{"CONVERSATION", "its id"}},
       .options = with_list_options({{"--messages", "", "its messages, oldest first"}}),
       .examples = {{{"bellpull conversation get conversation_00000000030...", "what it is"},
                     {"bellpull conversation get conversation_00000000030... --messages",
                      "what was said and done"},
                     {"bellpull conversation get conversation_00000000030... --json", "as JSON"}}},
       .run = get},
      {.group = "conversation",
       .name = "tail",
       .purpose = "Follow the runs of a conversation as they happen",
       .parameters = {{"CONVERSATION", "its id; the newest without it", Need::optional}},
       .options = with_tail_options({{"--latest", "", "the newest, or the first one to come"},
                                     {"--trigger", "TRIGGER", "all that this trigger opens"}}),
       .examples = {{{"bellpull conversation tail --latest", "the newest"},
                     {"bellpull conversation tail --trigger @orders", "all of one trigger"},
                     {"bellpull conversation tail --latest --no-follow", "until it has ended"}}},
       .run = tail_conversation},
  };
}

}  // namespace bellpull::cli
