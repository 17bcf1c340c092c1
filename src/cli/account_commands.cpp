#include <expected>
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

namespace bellpull::cli {

namespace {

Outcome<ExitCode> create(CommandContext& context) {
  auto created = context.client.post("/account/create", {{"name", context.arguments.text("NAME")}});
  if (!created) return std::unexpected(created.error());
  context.output.object({{"account", "id", ValueForm::id}, {"token", "token"}}, *created);
  context.output.note("Keep the token: it is not shown again.");
  return ExitCode::ok;
}

Outcome<ExitCode> list(CommandContext& context) {
  return print_list(context, {.path = "/account/list",
                              .columns = {{"id", "id", ValueForm::id},
                                          {"name", "name"},
                                          {"state", "state", ValueForm::state},
                                          {"created", "createdAt", ValueForm::time}},
                              .when_empty = "No accounts."});
}

Outcome<ExitCode> set_state(CommandContext& context, std::string_view verb) {
  const auto account =
      find_resource(context.client, account_kind, context.arguments.text("ACCOUNT"));
  if (!account) return std::unexpected(account.error());
  auto changed = context.client.post(fmt::format("/account/{}/{}", text_at(*account, "id"), verb));
  if (!changed) return std::unexpected(changed.error());
  context.output.object({{"account", "id", ValueForm::id}}, *changed);
  return ExitCode::ok;
}

Outcome<ExitCode> disable(CommandContext& context) { return set_state(context, "disable"); }
Outcome<ExitCode> enable(CommandContext& context) { return set_state(context, "enable"); }

}  // namespace

std::vector<Command> account_commands() {
  const std::vector<Parameter> one{{"ACCOUNT", "id or name"}};
  return {
      {.group = "account",
       .name = "create",
       .purpose = "Add an account, and print its first token",
       .parameters = {{"NAME", "how people call it"}},
       .examples = {{{"bellpull account create shop", "an account and its first token"},
                     {"bellpull account create shop --json", "both as JSON"},
                     {"bellpull account create \"Team B\" --fields token", "only the token"}}},
       .run = create},
      {.group = "account",
       .name = "list",
       .purpose = "List the accounts of the server",
       .options = with_list_options({}),
       .examples = {{{"bellpull account list", "all accounts, newest first"},
                     {"bellpull account list --json", "as JSON"},
                     {"bellpull account list --all --quiet", "their ids, one a line"}}},
       .run = list},
      {.group = "account",
       .name = "disable",
       .purpose = "Refuse an account's tokens and events",
       .parameters = one,
       .examples = {{{"bellpull account disable shop", "by name"},
                     {"bellpull account disable account_00000000010...", "by id"},
                     {"bellpull account disable shop --json", "answer in JSON"}}},
       .run = disable},
      {.group = "account",
       .name = "enable",
       .purpose = "Take an account back into use",
       .parameters = one,
       .examples = {{{"bellpull account enable shop", "by name"},
                     {"bellpull account enable account_00000000010...", "by id"},
                     {"bellpull account enable shop --json", "answer in JSON"}}},
       .run = enable},
  };
}

}  // namespace bellpull::cli
