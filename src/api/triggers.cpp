#include "api/triggers.h"

#include <algorithm>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/answer_once.h"
#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schedule_fields.h"
#include "api/schema.h"
#include "api/trigger_timing.h"
#include "api/view.h"
#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/delivery_id.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "http/response.h"
#include "store/removal.h"
#include "store/store.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

Result<std::optional<std::string>> read_delivery_id(std::string_view name,
                                                    const FieldShape& /*shape*/,
                                                    const boost::json::value& given) {
  if (given.is_null()) return std::nullopt;
  auto id = DeliveryId::read(given);
  if (!id) {
    id.error().message = std::string{name} + " " + id.error().message;
    return std::unexpected(std::move(id.error()));
  }
  return boost::json::serialize(id->to_json());
}

boost::json::value write_delivery_id(const std::optional<std::string>& id, const View&) {
  return id ? boost::json::value(parse_stored(*id)) : boost::json::value(nullptr);
}

boost::json::object delivery_id_given() {
  return object_schema(
      {{"headers", array_schema(text_schema())}, {"jsonPath", or_null(text_schema())}});
}

boost::json::object delivery_id_taken() {
  boost::json::object headers = array_schema(text_schema());
  headers["maxItems"] = DeliveryId::max_headers;
  boost::json::object schema = open_object_schema();
  schema["properties"] = boost::json::object{{"headers", or_null(std::move(headers))},
                                             {"jsonPath", or_null(text_schema())}};
  return schema;
}

// Never taken from a body: the server makes it.
Field<Trigger> secret_field(const Vault& vault) {
  return {.name = "secret",
          .shape = {.nullable = true,
                    .about = "What its senders authenticate with; null for a token without the "
                             "scope secrets:read."},
          .write = [&vault](const Trigger& trigger, const View& view) -> boost::json::value {
            if (!view.shows_secrets) return nullptr;
            const auto secret = trigger_secret(vault, trigger);
            return secret ? boost::json::value(*secret) : boost::json::value(nullptr);
          }};
}

}  // namespace

Fields<Trigger> trigger_fields(const Vault& vault, BotOnCreate bot) {
  Fields<Trigger> fields{
      id_field<Trigger>(),
      alias_field<Trigger>(),
      text("name", &Trigger::name, {.max_bytes = max_name_bytes}),
      text("description", &Trigger::description, {.max_bytes = max_description_bytes}),
      blueprint_field<Trigger>(),
      reference<Bot>("botId", &Trigger::bot)
          .means("The bot that it starts.")
          .needed(bot == BotOnCreate::required ? Needed::filled : Needed::no),
      secret_field(vault),
      optional_time("previousSecretExpiresAt", &Trigger::previous_secret_until)
          .read_only()
          .means("Until when the secret before the last rotation is good."),
      boolean("authenticate", &Trigger::authenticate, true)
          .means("Whether events must carry the secret; by default they must."),
      choice("state", &Trigger::state, {"enabled", "paused"})
          .read_only()
          .means("Changed by pause and resume."),
      optional_integer("rateLimit", &Trigger::rate_limit, 1, max_rate_limit)
          .means("How many events a minute it takes; null: as the server is set."),
      optional_integer("sessionDuration", &Trigger::session_duration, 0, max_session_duration_ms)
          .means("For how many ms after its last event a session goes on; 0: every event has a "
                 "conversation of its own, null: one day."),
      member_field("deliveryId", FieldShape{.kind = ValueKind::object, .nullable = true},
                   &Trigger::delivery_id, read_delivery_id, write_delivery_id)
          .means(
              "Where the senders put their own ids of what they send, by which a repeat is known: "
              "in one of these headers, or at this path of a JSON body.")
          .takes(delivery_id_taken())
          .gives(delivery_id_given()),
      optional_time("lastTriggerAt", &Trigger::last_trigger_at).read_only(),
      optional_time("nextTriggerAt", &Trigger::next_trigger_at).read_only(),
      meta_field<Trigger>(),
      timestamp("createdAt", &Trigger::created_at),
      timestamp("updatedAt", &Trigger::updated_at),
  };
  // Between what it does with events and how it did.
  const auto place = std::ranges::find(fields, "sessionDuration", &Field<Trigger>::name);
  Fields<Trigger> of_schedule = schedule_fields();
  fields.insert(place, std::make_move_iterator(of_schedule.begin()),
                std::make_move_iterator(of_schedule.end()));
  return fields;
}

namespace {

ListRules trigger_list() {
  return {.kind = "trigger",
          .filters = {reference_filter<Blueprint>("blueprintId", "blueprint"),
                      reference_filter<Bot>("botId", "bot")}};
}

// The event of an invoke by hand, kept like one that a request brought.
EventId add_invoke(Transaction& rows, const Trigger& trigger, TimePoint now) {
  const SessionKey session = SessionKey::invoke();
  return rows.runs().add({.trigger = trigger.id.key,
                          .account = trigger.account,
                          .trigger_version = trigger.version,
                          .source = EventSource::invoke,
                          .received_at = now,
                          .method = "POST",
                          .content_type = "application/json",
                          .headers = "{}",
                          .session = session.text(),
                          .session_number = session_number(trigger.id.key, session),
                          .body = R"({"type":"invoke","reason":"invoked by hand"})"});
}

// What setup finds: whether the trigger could work as it is.
Result<void> check_bot(const Transaction& rows, const Trigger& trigger) {
  constexpr std::string_view hint = "set the trigger's botId to a bot of yours";
  if (!trigger.bot) return fail(ErrorCode::invalid, "Bot is not set", std::string{hint});
  const std::optional<Bot> bot = rows.bots().find(*trigger.bot);
  if (!bot) return fail(ErrorCode::invalid, "Bot is not set", std::string{hint});
  if (bot->account != trigger.account && !is_public(*bot)) return not_authorized();
  return {};
}

// Whether its schedule could fire; a missing next time is made.
Result<void> check_schedule(Trigger& trigger, TimePoint now) {
  if (trigger.schedule_state == ScheduleState::paused) {
    return fail(ErrorCode::invalid, "the schedule is " + trigger.schedule_error.value_or("paused"),
                "let it go on: POST .../resume");
  }
  Trigger checked = trigger;
  if (trigger.schedule_state == ScheduleState::invalid) forget_halt(checked, now);
  if (auto scheduled = schedule_next(checked, now); !scheduled) return scheduled;
  if (!trigger.next_due_at) trigger = checked;
  return {};
}

}  // namespace

// The secret is sealed for the row it stands in, and jitter goes by its key, which it has only now.
Result<void> complete_new(Transaction& rows, Random& random, const Vault& vault, Trigger& added) {
  added.schedule_anchor = added.created_at;
  forget_halt(added, added.created_at);  // a copy's original may have been halted
  if (auto scheduled = schedule_next(added, added.created_at); !scheduled) return scheduled;
  const std::string secret = random.hex(trigger_secret_bytes);
  added.sealed_secret = vault.seal(secret, trigger_secret_place(added.id.key));
  return rows.triggers().update(added);
}

Triggers::Triggers(Store& store, const Clock& clock, Random& random, const Vault& vault,
                   BotOnCreate bot)
    : Endpoints(store, clock, trigger_fields(vault, bot), trigger_list()),
      random_(random),
      vault_(vault) {}

void Triggers::add_routes(Routes& routes) {
  const std::string base = "/integration/trigger";
  const std::string one = base + "/{triggerIntegrationId}";
  add_to(routes, base, "triggerIntegrationId");
  routes.post(one + "/setup", [this](Call call) { return set_up(std::move(call)); })
      .describe({.summary = "Checks whether a trigger could work as it is",
                 .gives = id_schema(),
                 .about = "Its bot must be there and its schedule readable. It changes nothing of "
                          "a trigger that is fine."});
  routes.post(one + "/invoke", [this](Call call) { return invoke(std::move(call)); })
      .describe({.summary = "Starts a trigger's bot by hand",
                 .gives = id_schema(),
                 .about = "Answers at once; the run is in the inbox, with the source \"invoke\"."});
}

Result<void> Triggers::complete(Transaction& rows, const Call& /*call*/, Trigger& added) const {
  return complete_new(rows, random_, vault_, added);
}

boost::json::object Triggers::created(const Trigger& added) const {
  boost::json::object reply = id_of(added);
  reply["secret"] = trigger_secret(vault_, added).value_or("");
  return reply;
}

void Triggers::hide(boost::json::object& answer, const View& view) const {
  if (!view.shows_secrets) answer["secret"] = nullptr;
}

Schema Triggers::created_schema() const {
  return {"TriggerCreated",
          object_schema({{"id", text_schema()},
                         {"secret", described(or_null(text_schema()),
                                              "What its senders authenticate with; null for a "
                                              "token without the scope secrets:read.")}})};
}

Result<void> Triggers::revise(Transaction& /*rows*/, const Call& /*call*/, const Trigger& before,
                              Trigger& after) const {
  ++after.version;
  return reschedule(before, after, after.updated_at);
}

Result<void> Triggers::erase(Transaction& rows, const Call& /*call*/, const Trigger& found,
                             TimePoint now) const {
  return remove_whole(rows, found, now);
}

Task<Response> Triggers::set_up(Call call) {
  const TimePoint now = clock_.now();
  const Result<Trigger> checked =
      co_await store_.transact([&](Transaction& rows) -> Result<Trigger> {
        Result<Trigger> trigger = find(rows, call);
        if (!trigger) return trigger;
        if (auto bot = check_bot(rows, *trigger); !bot) return std::unexpected(bot.error());
        const Trigger before = *trigger;
        if (auto sound = check_schedule(*trigger, now); !sound) {
          return std::unexpected(sound.error());
        }
        log_change(rows, call, *trigger, "setup", now);
        if (*trigger == before) return trigger;
        if (auto kept = rows.triggers().update(*trigger); !kept)
          return std::unexpected(kept.error());
        return trigger;
      });
  if (!checked) co_return call.reply(checked.error());
  co_return call.reply(id_of(*checked));
}

Task<Response> Triggers::invoke(Call call) {
  const TimePoint now = clock_.now();
  const Result<boost::json::object> answer = co_await store_.transact([&](Transaction& rows) {
    return answer_once(rows, call, [&]() -> Result<boost::json::object> {
      Result<Trigger> trigger = find(rows, call);
      if (!trigger) return std::unexpected(trigger.error());
      const EventId event = add_invoke(rows, *trigger, now);
      log_change(rows, call, *trigger, "invoke", now, {.run = run_of(event)});
      trigger->last_trigger_at = now;
      // An occurrence that is due this very moment is not passed over: only a missing time is made.
      if (!trigger->next_due_at) {
        const auto scheduled = schedule_next(*trigger, now);
        if (!scheduled) mark_unreadable(rows, call, *trigger, scheduled.error(), now);
      }
      if (auto kept = rows.triggers().update(*trigger); !kept) return std::unexpected(kept.error());
      return id_of(*trigger);
    });
  });
  if (!answer) co_return call.reply(answer.error());
  co_return call.reply(*answer);
}

}  // namespace bellpull
