#include "sqlite/run_records.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "domain/usage.h"
#include "sqlite/columns.h"
#include "sqlite/contact_records.h"
#include "sqlite/database.h"
#include "sqlite/log_table.h"
#include "sqlite/run_table.h"
#include "sqlite/usage_table.h"
#include "sqlite/written.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Lease numbers only grow, so a lease that was replaced never matches again.
constexpr std::string_view claim_sql = R"sql(
  update runs set state = 1, lease_number = lease_number + 1, lease_expires_at = ?2,
         attempt = attempt + 1, started_at = coalesce(started_at, ?3), due_at = null
   where id = ?1 and state in (0, 2, 3) returning lease_number)sql";

constexpr std::string_view inline_body_sql =
    "select body from events where id = ?1 and body is not null";

constexpr std::string_view held_columns =
    "select id, trigger, account, session, state, due_at, attempt, steps, conversation, bot, "
    "log_item from runs ";

// Intents and results since the last answer: every call of an earlier one has its result.
constexpr std::string_view last_calls_sql = R"sql(
  select number, kind from steps
   where run = ?1 and kind in (2, 3) and number > coalesce(
         (select number from steps where run = ?1 and kind = 1 order by number desc limit 1), 0)
   order by number)sql";

constexpr std::string_view insert_step_sql = R"sql(
  insert into steps (run, number, kind, attempt, created_at, content)
  values (?1, ?2, ?3, ?4, ?5, ?6))sql";

constexpr std::string_view next_message_sql = R"sql(
  update conversations set messages = messages + ?2, updated_at = max(updated_at, ?3)
   where id = ?1 returning messages)sql";

constexpr std::string_view insert_message_sql = R"sql(
  insert into messages (conversation, number, type, run, step, part, created_at)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7))sql";

constexpr std::string_view count_sql = R"sql(
  update runs set steps = ?2, model_calls = model_calls + ?3, action_calls = action_calls + ?4,
         input_tokens = input_tokens + ?5, output_tokens = output_tokens + ?6, cost = cost + ?7,
         unpriced_calls = unpriced_calls + ?8
   where id = ?1)sql";

constexpr std::string_view set_conversation_sql =
    "update runs set conversation = ?2, first_message = ?3, bot = ?4, log_item = ?5 "
    "where id = ?1";

constexpr std::string_view finish_sql = R"sql(
  update runs set state = ?2, ended_at = ?3, due_at = ?4, reason = ?5, error_message = ?6,
         attempt = attempt - ?7, lease_expires_at = null
   where id = ?1)sql";

constexpr std::string_view renew_sql = R"sql(
  update runs set lease_expires_at = ?3 where id = ?1 and lease_number = ?2 and state = 1)sql";

constexpr std::string_view retry_sql = R"sql(
  update runs set due_at = ?2 where id = ?1 and state = 3
  returning id, trigger, account, session, state, due_at)sql";

constexpr std::string_view recover_sql = R"sql(
  update runs set state = 0, lease_expires_at = null, attempt = max(attempt - ?1, 0)
   where state <= 3 and state = 1)sql";

std::unexpected<Error> lease_lost(const Lease& lease) {
  return fail(ErrorCode::lease_lost, lease.run.text() + " is no longer held under this lease");
}

void bind_text_or_null(Statement& statement, int index, std::string_view text) {
  if (text.empty()) {
    statement.bind_null(index);
  } else {
    statement.bind(index, text);
  }
}

}  // namespace

RunRecords::RunRecords(Database& database, const RunTable& runs, const UsageTable& usage,
                       LogTable& log, Random& random, Written& written)
    : runs_(runs),
      usage_(usage),
      log_(log),
      written_(written),
      opener_(database, random),
      claim_(database, claim_sql),
      inline_body_(database, inline_body_sql),
      held_(database,
            std::string{held_columns} + "where id = ?1 and lease_number = ?2 and state = 1"),
      any_(database, std::string{held_columns} + "where id = ?1 and state <= 3"),
      last_calls_(database, last_calls_sql),
      insert_step_(database, insert_step_sql),
      next_message_(database, next_message_sql),
      insert_message_(database, insert_message_sql),
      count_(database, count_sql),
      set_conversation_(database, set_conversation_sql),
      finish_(database, finish_sql),
      renew_(database, renew_sql),
      retry_(database, retry_sql),
      recover_(database, recover_sql),
      trigger_tag_(database, "select tag from triggers where id = ?1") {}

std::optional<RunRecords::Held> RunRecords::held(const Lease& lease) {
  if (!held_.with(lease.run.value, lease.number).step()) return std::nullopt;
  return read_held(held_);
}

RunRecords::Held RunRecords::read_held(Statement& statement) {
  Held held{
      .run = read_pending(statement), .attempt = statement.number(6), .steps = statement.number(7)};
  if (!statement.is_null(8)) held.conversation = ConversationKey{statement.number(8)};
  held.bot = BotKey{statement.number(9)};
  held.log = LogId{statement.number(10)};
  statement.reset();
  return held;
}

Result<ClaimedRun> RunRecords::claim(const Claim& claim) {
  if (!claim_.with(claim.run.value, to_ms(claim.expires_at), to_ms(claim.now)).step()) {
    return fail(ErrorCode::conflict, claim.run.text() + " is not ready to run");
  }
  const std::int64_t lease_number = claim_.number(0);
  while (claim_.step()) {
  }
  std::optional<EventAndRun> row = runs_.find(claim.run, RunStore::Body::without);
  if (!row) return fail(ErrorCode::not_found, claim.run.text() + " has no event");
  ClaimedRun claimed{.lease = {claim.run, lease_number, claim.expires_at},
                     .run = std::move(row->run)};
  if (claimed.run.steps == 0 && inline_body_.with(claim.run.value).step()) {
    row->event.body = inline_body_.text(0);
    claimed.event = std::move(row->event);
    inline_body_.reset();
  }
  return claimed;
}

std::int64_t RunRecords::add_steps(Held& held, std::span<const NewStep> steps, TimePoint now) {
  std::int64_t messages = 0;
  for (const NewStep& step : steps) messages += static_cast<std::int64_t>(step.messages.size());
  std::int64_t number = 0;
  // A conversation that was deleted under the run takes no more messages; the journal goes on.
  bool has_conversation = false;
  if (messages > 0 && held.conversation &&
      next_message_.with(held.conversation->value, messages, to_ms(now)).step()) {
    has_conversation = true;
    number = next_message_.number(0) - messages;
    while (next_message_.step()) {
    }
  }
  if (has_conversation) used(held, "", now).messages += messages;
  const std::int64_t first = number + 1;
  for (const NewStep& step : steps) {
    ++held.steps;
    insert_step_
        .with(held.run.run.value, held.steps, static_cast<std::int64_t>(step.kind), held.attempt,
              to_ms(now), std::string_view{step.content})
        .run();
    if (!has_conversation) continue;
    for (const MessageOfStep& message : step.messages) {
      insert_message_
          .with(held.conversation->value, ++number, static_cast<std::int64_t>(message.type),
                held.run.run.value, held.steps, message.part, to_ms(now))
          .run();
    }
  }
  return first;
}

UsageCounts& RunRecords::used(const Held& held, std::string_view model, TimePoint now) {
  return written_.usage[{.account = held.run.account,
                         .day = day_of(now),
                         .trigger = held.run.trigger,
                         .bot = held.bot,
                         .model = std::string{model}}];
}

UsageCounts RunRecords::priced(const Held& held, const RunUsage& usage, TimePoint now) {
  UsageCounts all;
  for (const ModelUse& call : usage.model_calls) {
    UsageCounts one{.model_calls = 1,
                    .input_tokens = call.input_tokens,
                    .cached_tokens = call.cached_tokens,
                    .output_tokens = call.output_tokens};
    if (const auto price = usage_.price(call.model)) {
      one.cost = cost_of(*price, call.input_tokens, call.cached_tokens, call.output_tokens);
    } else if (!is_free(call.model)) {
      one.unpriced_calls = 1;
    }
    used(held, call.model, now) += one;
    all += one;
  }
  return all;
}

void RunRecords::count(const Held& held, const RunUsage& usage, TimePoint now) {
  if (usage.action_calls > 0) used(held, "", now).action_calls += usage.action_calls;
  const UsageCounts calls = priced(held, usage, now);
  count_
      .with(held.run.run.value, held.steps, calls.model_calls, usage.action_calls,
            calls.input_tokens, calls.output_tokens, calls.cost, calls.unpriced_calls)
      .run();
}

LogId RunRecords::log_opening(const Event& event, const OpenRun& open, const OpenedRun& opened) {
  LogItem item{.account = event.account,
               .type = "integration.trigger.event",
               .about = {.trigger = open.trigger,
                         .bot = open.bot,
                         .blueprint = open.blueprint,
                         .conversation = opened.conversation},
               .run = open.lease.run,
               .created_at = open.now};
  if (opened.contact) item.about.contact = opened.contact->id;
  const auto made = [&](std::string_view type) {
    LogItem one = item;
    one.type = type;
    log_.add(one);
  };
  if (opener_.made_contact()) made("contact.create");
  if (opener_.started()) made("conversation.create");
  log_.add(item);
  return item.id;
}

// An entry about the same as the run's first one, whatever became of it since.
LogItem RunRecords::about(const Held& held, TimePoint now) {
  LogItem item{.account = held.run.account};
  if (held.log.value != 0) {
    if (std::optional<LogItem> first = log_.find(held.log)) item = std::move(*first);
  }
  if (!item.about.trigger && trigger_tag_.with(held.run.trigger.value).step()) {
    item.about.trigger = TriggerId{held.run.trigger, tag_from(trigger_tag_.view(0))};
    trigger_tag_.reset();
  }
  item.run = held.run.run;
  item.created_at = now;
  return item;
}

void RunRecords::log_actions(const Held& held, std::span<const NewStep> steps, TimePoint now) {
  std::optional<LogItem> item;
  for (const NewStep& step : steps) {
    if (!step.action) continue;
    if (!item) item = about(held, now);
    item->type = "action." + step.action->name;
    item->about.ability = step.action->ability;
    item->about.skillset = step.action->skillset;
    item->meta = step.action->failed ? R"({"isError":true})" : "{}";
    log_.add(*item);
  }
}

// A run that never met its conversation ends with its first entry and its last.
void RunRecords::log_end(const Held& held, RunState state, std::string_view reason, TimePoint now) {
  LogItem item = about(held, now);
  if (held.log.value == 0) {
    item.type = "integration.trigger.event";
    log_.add(item);
  }
  if (state == RunState::succeeded) {
    item.type = "integration.trigger.interact";
  } else {
    item.type =
        state == RunState::canceled ? "integration.trigger.drop" : "integration.trigger.failure";
    boost::json::object meta{{"outcome", run_state_name(state)}};
    // The bot's own words stand in the run, which goes with its contact.
    if (state != RunState::failed && !reason.empty()) meta["reason"] = reason;
    item.meta = boost::json::serialize(meta);
  }
  log_.add(item);
}

Result<OpenedRun> RunRecords::open(const OpenRun& open) {
  std::optional<Held> held = this->held(open.lease);
  if (!held) return lease_lost(open.lease);
  const std::optional<EventAndRun> row = runs_.find(open.lease.run, RunStore::Body::without);
  if (!row) return lease_lost(open.lease);
  if (opener_.names_erased(row->event)) {
    cancel(open.lease.run, erased_reason, open.now);
    return lease_lost(open.lease);
  }

  OpenedRun opened;
  opened.contact = opener_.identify(row->event, open.now);
  opened.conversation = opener_.converse(row->event, open, opened.contact);
  held->conversation = opened.conversation.key;
  held->bot = open.bot.key;
  if (opener_.started()) ++used(*held, "", open.now).conversations;

  NewStep step = open.step;
  if (opened.contact) {
    boost::json::object content = parse_stored(step.content);
    content["contact"] = boost::json::object{
        {"id", opened.contact->id.text()},
        {"name", opened.contact->name},
        {"email", opened.contact->email ? boost::json::value(*opened.contact->email) : nullptr},
        {"phone", opened.contact->phone ? boost::json::value(*opened.contact->phone) : nullptr}};
    step.content = boost::json::serialize(content);
  }
  const std::int64_t first_message = add_steps(*held, {&step, 1}, open.now);
  count(*held, {}, open.now);
  opened.first_message = first_message;
  set_conversation_
      .with(open.lease.run.value, held->conversation->value, opened.first_message, held->bot.value,
            log_opening(row->event, open, opened).value)
      .run();
  return opened;
}

Result<void> RunRecords::append_steps(const AppendSteps& append) {
  std::optional<Held> held = this->held(append.lease);
  if (!held) return lease_lost(append.lease);
  add_steps(*held, append.steps, append.now);
  log_actions(*held, append.steps, append.now);
  count(*held, append.usage, append.now);
  return {};
}

// Tells the listeners, with the session's next run when this one left the pending states.
void RunRecords::changed(PendingRun run, RunState state, std::optional<TimePoint> due_at) {
  run.state = state;
  run.due_at = due_at;
  RunChange change{.run = run};
  if (!is_pending(state) && run.session != 0)
    change.next = runs_.first_pending(run.trigger, run.session);
  written_.runs.push_back(change);
}

Result<void> RunRecords::finish(const FinishRun& finish) {
  std::optional<Held> held = this->held(finish.lease);
  if (!held) return lease_lost(finish.lease);
  add_steps(*held, finish.steps, finish.now);
  count(*held, finish.usage, finish.now);
  log_actions(*held, finish.steps, finish.now);
  if (!is_pending(finish.state)) {
    ++used(*held, "", finish.now).runs;
    log_end(*held, finish.state, finish.reason, finish.now);
  }

  finish_.bind(1, finish.lease.run.value);
  finish_.bind(2, static_cast<std::int64_t>(finish.state));
  if (is_pending(finish.state)) {
    finish_.bind_null(3);
  } else {
    finish_.bind(3, to_ms(finish.now));
  }
  if (finish.due_at) {
    finish_.bind(4, to_ms(*finish.due_at));
  } else {
    finish_.bind_null(4);
  }
  bind_text_or_null(finish_, 5, finish.reason);
  bind_text_or_null(finish_, 6, finish.error_message);
  finish_.bind(7, std::int64_t{finish.counts_attempt ? 0 : 1});
  finish_.run();
  changed(held->run, finish.state, finish.due_at);
  return {};
}

Result<void> RunRecords::renew(const RenewLease& renew) {
  if (renew_.with(renew.lease.run.value, renew.lease.number, to_ms(renew.expires_at)).run() == 0) {
    return lease_lost(renew.lease);
  }
  return {};
}

std::vector<std::int64_t> RunRecords::open_calls(RunId run) {
  std::vector<std::int64_t> intents;
  std::vector<std::int64_t> results;
  last_calls_.with(run.value);
  while (last_calls_.step()) {
    const bool is_intent = static_cast<StepKind>(last_calls_.number(1)) == StepKind::intent;
    (is_intent ? intents : results).push_back(last_calls_.number(0));
  }
  if (intents.size() == results.size()) return {};
  // Only now is it worth reading results, which may be large.
  for (const std::int64_t result : results) {
    const boost::json::object content = runs_.step_content(StepId{run, result});
    const boost::json::value* intent = content.if_contains("intent");
    if (intent != nullptr && intent->is_int64()) std::erase(intents, intent->get_int64());
  }
  return intents;
}

bool RunRecords::cancel(RunId run, std::string_view reason, TimePoint now) {
  if (!any_.with(run.value).step()) return false;
  Held held = read_held(any_);

  std::vector<NewStep> steps;
  for (const std::int64_t intent : open_calls(run)) {
    steps.push_back(
        {.kind = StepKind::result,
         .content = boost::json::serialize(boost::json::object{{"intent", intent},
                                                               {"result", unknown_result()},
                                                               {"isError", true},
                                                               {"durationMs", 0}}),
         .messages = {{MessageType::activity, part::call_request},
                      {MessageType::activity, part::call_response}}});
  }
  steps.push_back({.kind = StepKind::settled,
                   .content = boost::json::serialize(boost::json::object{
                       {"status", "incomplete"}, {"outcome", "canceled"}, {"reason", reason}}),
                   .messages = {{MessageType::activity, part::status_request},
                                {MessageType::activity, part::status_response}}});
  add_steps(held, steps, now);
  count(held, {}, now);
  ++used(held, "", now).runs;
  log_end(held, RunState::canceled, reason, now);
  finish_.with(run.value, static_cast<std::int64_t>(RunState::canceled), to_ms(now));
  finish_.bind_null(4);
  finish_.bind(5, reason);
  finish_.bind_null(6);
  finish_.bind(7, std::int64_t{0});
  finish_.run();
  changed(held.run, RunState::canceled, std::nullopt);
  return true;
}

bool RunRecords::retry(RunId run, TimePoint now) {
  if (!retry_.with(run.value, to_ms(now)).step()) return false;
  written_.runs.push_back({.run = read_pending(retry_)});
  while (retry_.step()) {
  }
  return true;
}

std::int64_t RunRecords::recover(After after) {
  return recover_.with(std::int64_t{after == After::process_death ? 0 : 1}).run();
}

}  // namespace bellpull
