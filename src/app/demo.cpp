#include "app/demo.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/encoding.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "store/list.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t echo_limit = std::size_t{64} * 1024;

// The first one of the data directory.
constexpr AccountKey demo_account{1};
constexpr std::string_view http_echo_name = "http_echo";

constexpr std::string_view backstory =
    "You are the demo clerk. Read each event, try your abilities on it and say what happened.";

constexpr std::string_view echo_instruction =
    "```echo\n{\"noted\": $[order_id! js|the order's number]}\n```";

std::string http_echo_instruction(const std::string& server_url) {
  return "```fetch\nPOST " + server_url +
         "/demo/echo\nContent-Type: application/json\n\n"
         "{\"order\": $[order_id! js|the order's number], \"event\": $[event js|what "
         "happened]}\n```";
}

Task<Response> echo(Request request) {
  if (!is_utf8(request.body)) co_return Response{.status = 400, .body = "{}"};
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string{request.body};
  co_return response;
}

}  // namespace

Result<void> make_demo(Transaction& transaction, const std::string& server_url, const Vault& vault,
                       Random& random, TimePoint now) {
  Skillset skillset{.account = demo_account,
                    .name = "Demo skills",
                    .description = "Harmless things to try",
                    .created_at = now,
                    .updated_at = now};
  auto kept = transaction.skillsets().add(skillset);
  const auto add_ability = [&](std::string name, std::string description, std::string instruction) {
    if (!kept) return;
    Ability ability{.account = demo_account,
                    .skillset = skillset.id,
                    .name = std::move(name),
                    .description = std::move(description),
                    .instruction = std::move(instruction),
                    .created_at = now,
                    .updated_at = now};
    kept = transaction.abilities().add(ability);
  };
  add_ability("echo", "Notes the order's number", std::string{echo_instruction});
  add_ability(std::string{http_echo_name}, "Sends the order to the echo service over HTTP",
              http_echo_instruction(server_url));
  if (!kept) return kept;

  Bot bot{.account = demo_account,
          .name = "Demo clerk",
          .description = "Follows rules; it does not understand",
          .backstory = std::string{backstory},
          .model = "builtin/demo",
          .skillset = skillset.id,
          .created_at = now,
          .updated_at = now};
  if (kept = transaction.bots().add(bot); !kept) return kept;

  Trigger trigger{.account = demo_account,
                  .alias = std::string{demo_trigger_alias},
                  .name = "Hello",
                  .description = "Rings the demo clerk",
                  .bot = bot.id,
                  .schedule_anchor = now,
                  .created_at = now,
                  .updated_at = now};
  if (kept = transaction.triggers().add(trigger); !kept) return kept;
  trigger.sealed_secret =
      vault.seal(random.hex(secret_bytes), trigger_secret_place(trigger.id.key));
  return transaction.triggers().update(trigger);
}

// Made in one instant with the trigger, and first of all; and since then changed by nobody, whose
// change would have moved `updated_at`. That is why this one does not.
Result<void> point_demo_at(Transaction& transaction, const std::string& server_url) {
  const std::optional<Trigger> trigger =
      transaction.triggers().find_alias(demo_account, demo_trigger_alias);
  if (!trigger) return {};
  const ListQuery first_two{.account = demo_account,
                            .page = {.take = 2, .order = Order::ascending}};
  for (Ability& ability : transaction.abilities().list(first_two)) {
    const bool is_ours = ability.name == http_echo_name &&
                         ability.created_at == trigger->created_at &&
                         ability.updated_at == ability.created_at;
    std::string instruction = http_echo_instruction(server_url);
    if (!is_ours || ability.instruction == instruction) continue;
    ability.instruction = std::move(instruction);
    return transaction.abilities().update(ability);
  }
  return {};
}

std::string demo_greeting(const Transaction& snapshot, const std::string& server_url,
                          const std::string& data_directory, const Vault& vault) {
  const std::optional<Trigger> trigger =
      snapshot.triggers().find_alias(demo_account, demo_trigger_alias);
  if (!trigger) return {};
  const std::optional<std::string> secret = trigger_secret(vault, *trigger);
  if (!secret) return {};
  return fmt::format(
      "\nRing it once:\n\n"
      "  curl -X POST \"{}/v1/integration/trigger/{}/event?session=demo\" \\\n"
      "       -H \"Authorization: Bearer {}\" \\\n"
      "       -H \"Content-Type: application/json\" \\\n"
      "       -d '{{\"event\":\"order_created\",\"order_id\":\"12345\"}}'\n\n"
      "and see what came of it:\n\n"
      "  build/release/bellpull conversation tail --latest --data {}\n\n",
      server_url, trigger->id.text(), *secret, data_directory);
}

void add_demo_route(Router& router) {
  router.add({.methods = {Method::post},
              .pattern = "/demo/echo",
              .body_limit = echo_limit,
              .handle = [](Request& request) { return echo(request); }});
}

}  // namespace bellpull
