#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/confirmation.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/references.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

// "90d" from now, or a date; "" when it was not given.
Outcome<std::string> expiry(const Arguments& arguments, TimePoint now) {
  const std::string text = arguments.text("--expires");
  if (text.empty()) return std::string{};
  if (const auto date = parse_iso(text)) return to_iso(*date);
  const auto duration = arguments.duration("--expires");
  const std::optional<Duration> after = duration ? *duration : std::nullopt;
  if (after) return to_iso(now + *after);
  return usage_failure("--expires must be a duration such as 90d, or a date such as 2027-01-31");
}

Outcome<ExitCode> create(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  const auto expires_at = expiry(arguments, context.output.now());
  if (!expires_at) return std::unexpected(expires_at.error());

  json::object body{{"name", arguments.text("--name")}};
  if (!expires_at->empty()) body["expiresAt"] = *expires_at;
  if (arguments.has("--timestamps")) body["timestamps"] = arguments.text("--timestamps");
  if (arguments.has("--scope")) {
    json::array scopes;
    for (const std::string& scope : arguments.texts("--scope")) scopes.emplace_back(scope);
    body["scopes"] = std::move(scopes);
  }
  const auto created = context.client.post("/token/create", body);
  if (!created) return std::unexpected(created.error());
  context.output.object({{"id", "id", ValueForm::id}, {"token", "token"}}, *created);
  context.output.note("Keep the token: it is not shown again.");
  return ExitCode::ok;
}

Outcome<ExitCode> list(CommandContext& context) {
  return print_list(context,
                    {.path = "/token/list",
                     .columns = {{"id", "id", ValueForm::id},
                                 {"name", "name"},
                                 {"scopes", "scopes", ValueForm::text, Presence::optional},
                                 {"expires", "expiresAt", ValueForm::time},
                                 {"created", "createdAt", ValueForm::time, Presence::optional}},
                     .when_empty = "No tokens."});
}

Outcome<ExitCode> revoke(CommandContext& context) {
  const auto token = find_resource(context.client, token_kind, context.arguments.text("TOKEN"));
  if (!token) return std::unexpected(token.error());
  const auto confirmed = confirm_removal(context, token_kind.noun, *token);
  if (!confirmed) return std::unexpected(confirmed.error());
  const auto revoked = context.client.post(fmt::format("/token/{}/delete", text_at(*token, "id")));
  if (!revoked) return std::unexpected(revoked.error());
  context.output.object({{"revoked", "id", ValueForm::id}}, *revoked);
  return ExitCode::ok;
}

}  // namespace

std::vector<Command> token_commands() {
  return {
      {.group = "token",
       .name = "create",
       .purpose = "Make an API token of the own account, and print it",
       .options = {{"--name", "NAME", "what it is for"},
                   {"--scope", "SCOPE", "read, write, secrets:read or admin; may be repeated",
                    true},
                   {"--expires", "WHEN", "after 90d, 24h, ... or at a date"},
                   {"--timestamps", "FORM", "how it is told times: iso or ms"}},
       .examples = {{{"bellpull token create --name ci --scope read --expires 90d",
                      "reads only, for 90 days"},
                     {"bellpull token create --name sdk --timestamps ms",
                      "for the official SDK, which types times as numbers"},
                     {"bellpull token create --name backup --fields token > token.txt",
                      "into a file"}}},
       .run = create},
      {.group = "token",
       .name = "list",
       .purpose = "List the API tokens of the own account",
       .options = with_list_options({}),
       .examples = {{{"bellpull token list", "names, scopes, expiry"},
                     {"bellpull token list --json", "as JSON"},
                     {"bellpull token list --fields name,expiresAt", "two columns"}}},
       .run = list},
      {.group = "token",
       .name = "revoke",
       .purpose = "Make a token useless, at once",
       .parameters = {{"TOKEN", "id or name of the token, not its text"}},
       .options = {yes_option},
       .examples = {{{"bellpull token revoke ci", "by name; asks for it once more"},
                     {"bellpull token revoke token_00000000020...", "by id"},
                     {"bellpull token revoke ci --yes", "from a script"}}},
       .run = revoke},
  };
}

}  // namespace bellpull::cli
