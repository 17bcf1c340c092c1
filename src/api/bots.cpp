#include "api/bots.h"

#include <expected>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

Fields<Bot> bot_fields() {
  return {
      id_field<Bot>(),
      alias_field<Bot>(),
      text("name", &Bot::name, {.max_bytes = max_name_bytes}),
      text("description", &Bot::description, {.max_bytes = max_description_bytes}),
      text("backstory", &Bot::backstory, {.max_bytes = max_backstory_bytes})
          .means("Who the bot is and what it is to do: its system prompt."),
      optional_text("model", &Bot::model, {.max_bytes = max_model_bytes})
          .means("A model string, like \"builtin/demo\" or \"gpt-5.4/temperature=0.2\"; null: the "
                 "server's default model."),
      reference<Dataset>("datasetId", &Bot::dataset).means("What the bot may look up."),
      reference<Skillset>("skillsetId", &Bot::skillset).means("What the bot can do."),
      blueprint_field<Bot>(),
      boolean("privacy", &Bot::privacy).means("Kept, and without effect yet."),
      boolean("moderation", &Bot::moderation).means("Kept, and without effect yet."),
      visibility_field<Bot>(),
      meta_field<Bot>(),
      timestamp("createdAt", &Bot::created_at),
      timestamp("updatedAt", &Bot::updated_at),
  };
}

namespace {

ListRules bot_list() {
  return {.kind = "bot", .filters = {reference_filter<Blueprint>("blueprintId", "blueprint")}};
}

struct MemorySearch {
  std::string search;
};

Fields<MemorySearch> memory_search_fields() {
  return {text("search", &MemorySearch::search, {.max_bytes = max_description_bytes})
              .means("What to look for.")};
}

// What a clone does not take over: what makes the original unique, and who may see it.
Bot copy_of(const Bot& original, TimePoint now) {
  Bot copy = original;
  copy.id = {};
  copy.alias.reset();
  copy.blueprint.reset();
  copy.visibility = Visibility::private_;
  copy.created_at = now;
  copy.updated_at = now;
  return copy;
}

}  // namespace

Bots::Bots(Store& store, const Clock& clock) : Endpoints(store, clock, bot_fields(), bot_list()) {}

void Bots::add_routes(Routes& routes) {
  add_to(routes, "/bot", "botId");
  routes.post("/bot/{botId}/clone", [this](Call call) { return clone(std::move(call)); })
      .describe({.summary = "Copies a bot",
                 .gives = id_schema(),
                 .about = "The copy has no alias and no blueprint, and is private."});
  routes
      .post("/bot/{botId}/memory/search",
            [this](Call call) { return search_memory(std::move(call)); })
      .describe({.summary = "Searches what a bot remembers",
                 .takes = body_schema("MemorySearch", memory_search_fields(), Verb::create),
                 .gives = {"MemorySearchResult",
                           object_schema({{"items", array_schema(open_object_schema())}})},
                 .about = "Bots remember nothing yet: the result is empty."});
}

Task<Response> Bots::clone(Call call) {
  const TimePoint now = clock_.now();
  const Result<Bot> copy = co_await store_.transact([&](Transaction& rows) -> Result<Bot> {
    const Result<Bot> original = find(rows, call);
    if (!original) return original;
    Bot added = copy_of(*original, now);
    if (auto kept = rows.bots().add(added); !kept) return std::unexpected(kept.error());
    log_change(rows, call, added, "create", now);
    return added;
  });
  if (!copy) co_return call.reply(copy.error());
  co_return call.reply(id_of(*copy));
}

// Bots remember nothing yet.
Task<Response> Bots::search_memory(Call call) {
  const auto search = read_body(memory_search_fields(), call.body);
  if (!search) co_return call.reply(search.error());

  const Result<Bot> found =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!found) co_return call.reply(found.error());
  co_return call.reply(boost::json::object{{"items", boost::json::array{}}});
}

}  // namespace bellpull
