#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/references.h"
#include "cli/schedule_mending.h"
#include "cli/schedule_options.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

std::string event_url(const Client& client, std::string_view id) {
  return fmt::format("{}/v1/integration/trigger/{}/event", client.url(), id);
}

Outcome<json::object> named_trigger(CommandContext& context) {
  return find_resource(context.client, trigger_kind, context.arguments.text("TRIGGER"));
}

Outcome<ExitCode> list(CommandContext& context) {
  std::string bot_id;
  if (context.arguments.has("--bot")) {
    const auto bot = find_resource(context.client, bot_kind, context.arguments.text("--bot"));
    if (!bot) return std::unexpected(bot.error());
    bot_id = text_at(*bot, "id");
  }
  return print_list(
      context, {.path = "/integration/trigger/list",
                .columns = {{"id", "id", ValueForm::id},
                            {"alias", "alias", ValueForm::text, Presence::optional},
                            {"name", "name"},
                            {"schedule", "schedule", ValueForm::text, Presence::optional},
                            {"next", "nextTriggerAt", ValueForm::time, Presence::optional},
                            {"bot", "botId", ValueForm::id, Presence::optional},
                            {"secured", "authenticate", ValueForm::yes_no, Presence::optional}},
                .when_empty = "No triggers yet: bellpull trigger create NAME --bot BOT",
                .filters = {{"botId", bot_id}}});
}

Outcome<ExitCode> get(CommandContext& context) {
  auto trigger = named_trigger(context);
  if (!trigger) return std::unexpected(trigger.error());
  // For people and pipes; JSON stays as the API gives it.
  if (!context.output.is_json()) {
    (*trigger)["url"] = event_url(context.client, text_at(*trigger, "id"));
    const bool is_asked_for =
        context.arguments.has("--show-secret") ||
        std::ranges::find(context.output.fields(), "secret") != context.output.fields().end();
    if (!is_asked_for) {
      (*trigger)["secret"] = masked(text_at(*trigger, "secret"));
    }
  }
  context.output.object({{"id", "id", ValueForm::id},
                         {"alias", "alias"},
                         {"name", "name"},
                         {"description", "description"},
                         {"bot", "botId", ValueForm::id},
                         {"url", "url"},
                         {"state", "state"},
                         {"secured", "authenticate", ValueForm::yes_no},
                         {"secret", "secret"},
                         {"schedule", "schedule"},
                         {"timezone", "timezone"},
                         {"schedule state", "scheduleState"},
                         {"schedule error", "scheduleError"},
                         {"starts", "scheduleStartAt", ValueForm::time},
                         {"ends", "scheduleEndAt", ValueForm::time},
                         {"jitter", "scheduleJitter", ValueForm::duration},
                         {"catch-up", "scheduleCatchUp"},
                         {"catch-up limit", "scheduleCatchUpLimit", ValueForm::number},
                         {"catch-up window", "scheduleCatchUpWindow", ValueForm::duration},
                         {"overlap", "scheduleOverlap"},
                         {"pause after", "schedulePauseAfter", ValueForm::number},
                         {"sends", "scheduleBody"},
                         {"in session", "scheduleSession"},
                         {"as contact", "scheduleContact.name"},
                         {"contact email", "scheduleContact.email"},
                         {"contact phone", "scheduleContact.phone"},
                         {"next", "nextTriggerAt", ValueForm::time},
                         {"last", "lastTriggerAt", ValueForm::time},
                         {"session", "sessionDuration", ValueForm::duration},
                         {"created", "createdAt", ValueForm::time},
                         {"updated", "updatedAt", ValueForm::time}},
                        *trigger);
  if (text_at(*trigger, "state") == "paused" || text_at(*trigger, "scheduleState") == "paused") {
    context.output.note("Let it go on: bellpull trigger resume " +
                        shell_word(context.arguments.text("TRIGGER")));
  }
  return ExitCode::ok;
}

Outcome<json::object> new_trigger(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  json::object body{{"name", arguments.text("NAME")}};
  constexpr std::pair<std::string_view, std::string_view> texts[] = {
      {"--alias", "alias"},
      {"--description", "description"},
      {"--schedule", "schedule"},
      {"--timezone", "timezone"}};
  for (const auto& [option, field] : texts) {
    if (arguments.has(option)) body[field] = arguments.text(option);
  }
  if (arguments.has("--open")) body["authenticate"] = false;
  const auto duration = arguments.duration("--session-duration");
  if (!duration) return std::unexpected(duration.error());
  if (const std::optional<Duration> session = *duration) {
    body["sessionDuration"] = session->count();
  }
  if (arguments.has("--meta")) {
    boost::system::error_code problem;
    body["meta"] = json::parse(arguments.text("--meta"), problem);
    if (problem) return usage_failure("--meta must be a JSON object");
  }
  if (arguments.has("--bot")) {
    const auto bot = find_resource(context.client, bot_kind, arguments.text("--bot"));
    if (!bot) return std::unexpected(bot.error());
    body["botId"] = text_at(*bot, "id");
  }
  return body;
}

Outcome<ExitCode> create(CommandContext& context) {
  const auto body = new_trigger(context);
  if (!body) return std::unexpected(body.error());
  auto created = context.client.post("/integration/trigger/create", *body);
  if (!created) return std::unexpected(created.error());
  const std::string id = text_at(*created, "id");
  if (!context.output.is_json()) (*created)["url"] = event_url(context.client, id);
  context.output.object({{"id", "id", ValueForm::id}, {"secret", "secret"}, {"url", "url"}},
                        *created);
  context.output.note(
      fmt::format("Try it: bellpull event send {} -d '{{\"hello\":\"world\"}}' --wait", id));
  return ExitCode::ok;
}

Outcome<ExitCode> invoke(CommandContext& context) {
  const auto trigger = named_trigger(context);
  if (!trigger) return std::unexpected(trigger.error());
  const auto invoked =
      context.client.post(fmt::format("/integration/trigger/{}/invoke", text_at(*trigger, "id")));
  if (!invoked) return std::unexpected(invoked.error());
  context.output.object({{"invoked", "id", ValueForm::id}}, *invoked);
  context.output.note("Watch it: bellpull event tail " + text_at(*trigger, "id"));
  return ExitCode::ok;
}

Outcome<ExitCode> set_state(CommandContext& context, std::string_view verb) {
  const auto trigger = named_trigger(context);
  if (!trigger) return std::unexpected(trigger.error());
  const auto changed =
      context.client.post(fmt::format("/integration/trigger/{}/{}", text_at(*trigger, "id"), verb));
  if (!changed) return std::unexpected(changed.error());
  context.output.object({{"trigger", "id", ValueForm::id}}, *changed);
  return ExitCode::ok;
}

Outcome<ExitCode> pause(CommandContext& context) { return set_state(context, "pause"); }
Outcome<ExitCode> resume(CommandContext& context) { return set_state(context, "resume"); }

Outcome<ExitCode> url(CommandContext& context) {
  const auto trigger = named_trigger(context);
  if (!trigger) return std::unexpected(trigger.error());
  const json::object shown{{"id", (*trigger).at("id")},
                           {"url", event_url(context.client, text_at(*trigger, "id"))}};
  const bool is_bare = !context.output.is_json() && context.output.fields().empty() &&
                       context.output.form() != OutputForm::ids;
  if (is_bare) {
    context.output.text(text_at(shown, "url"));
  } else {
    context.output.object({{"url", "url"}}, shown);
  }
  return ExitCode::ok;
}

Command create_command() {
  return {
      .group = "trigger",
      .name = "create",
      .purpose = "Make a trigger, and print its secret and URL",
      .parameters = {{"NAME", "how people call it"}},
      .options = {{"--bot", "BOT", "who answers its events: id, @alias or name"},
                  {"--alias", "ALIAS", "a short name that is unique: a-z 0-9 _ -"},
                  {"--description", "TEXT", "what it is for; the bot is told"},
                  {"--schedule", "SCHEDULE", "when it fires by itself, such as \"0 9 * * 1-5\""},
                  timezone_option(),
                  {"--session-duration", "DURATION",
                   "how long a session continues, such as 24h; 0s: never"},
                  {"--open", "", "take events without the secret"},
                  {"--meta", "JSON", "an object of your own"}},
      .examples = {{{"bellpull trigger create orders --bot @orders", "takes events"},
                    {"bellpull trigger create nightly --bot @report --schedule \"0 2 * * *\" "
                     "--timezone Europe/Sofia",
                     "fires by itself"},
                    {"bellpull trigger create orders --bot @orders --fields secret",
                     "print only the secret"}}},
      .run = create};
}

}  // namespace

std::vector<Command> trigger_commands() {
  const std::vector<Parameter> one{{"TRIGGER", "id, @alias or name"}};
  return {
      {.group = "trigger",
       .name = "list",
       .purpose = "List the triggers",
       .options = with_list_options({{"--bot", "BOT", "only those of this bot"}}),
       .examples = {{{"bellpull trigger list", "all triggers, newest first"},
                     {"bellpull trigger list --bot @orders", "of one bot"},
                     {"bellpull trigger list --fields id,name,nextTriggerAt", "three columns"}}},
       .run = list},
      {.group = "trigger",
       .name = "get",
       .purpose = "Show one trigger",
       .parameters = one,
       .options = {{"--show-secret", "", "the whole secret, not only its beginning"}},
       .examples = {{{"bellpull trigger get @orders", "by alias"},
                     {"bellpull trigger get \"Order intake\" --json", "by name, as JSON"},
                     {"bellpull trigger get @orders --fields secret", "its secret only"}}},
       .run = get},
      create_command(),
      {.group = "trigger",
       .name = "pause",
       .purpose = "Hold a trigger's runs and schedule; events are still taken",
       .parameters = one,
       .examples = {{{"bellpull trigger pause nightly", "by name"},
                     {"bellpull trigger pause @nightly", "by alias"},
                     {"bellpull trigger pause @nightly --json", "answer in JSON"}}},
       .run = pause},
      {.group = "trigger",
       .name = "resume",
       .purpose = "Let a trigger or a schedule go on that was paused",
       .parameters = one,
       .examples = {{{"bellpull trigger resume nightly", "by name"},
                     {"bellpull trigger resume @nightly", "by alias"},
                     {"bellpull trigger resume @nightly --json", "answer in JSON"}}},
       .run = resume},
      {.group = "trigger",
       .name = "invoke",
       .purpose = "Start a run now, as its schedule would",
       .parameters = one,
       .examples = {{{"bellpull trigger invoke nightly", "by name"},
                     {"bellpull trigger invoke @nightly", "by alias"},
                     {"bellpull trigger invoke @nightly --json", "answer in JSON"}}},
       .run = invoke},
      {.group = "trigger",
       .name = "url",
       .purpose = "Print where a trigger's events are sent",
       .parameters = one,
       .examples = {{{"bellpull trigger url @orders", "the URL"},
                     {"curl -d hello \"$(bellpull trigger url @open)\"", "send to an open one"},
                     {"bellpull trigger url @orders --json", "with its id, as JSON"}}},
       .run = url},
      schedule_command(),
  };
}

}  // namespace bellpull::cli
