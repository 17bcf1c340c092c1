#include "sqlite/run_records.h"

#include <algorithm>
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
#include "domain/run.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "domain/usage.h"
#include "sqlite/contact_records.h"
#include "sqlite/database.h"
#include "sqlite/event_rows.h"
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
  update runs set state = 1, lease_number = ?2, lease_expires_at = ?3, attempt = ?4,
         started_at = ?5, due_at = null
   where id = ?1 and state in (0, 2, 3))sql";

// With the body, if it is small and there are no steps yet.
constexpr std::string_view to_claim_columns = ", case when r.steps = 0 then e.body end";
constexpr std::string_view is_to_claim = "where r.id = ?1 and r.state in (0, 2, 3)";

// What decides which contact and conversation an event meets.
constexpr std::string_view event_to_open_sql = R"sql(
  select account, trigger, received_at, session, contact_name, contact_email, contact_phone
    from events where id = ?1)sql";

constexpr std::string_view held_columns =
    "select id, trigger, account, session, state, due_at, attempt, steps, conversation, bot, "
    "log_item, (select c.messages from conversations c where c.id = runs.conversation), "
    "woken_lease = lease_number from runs ";

// Intents and results since the last answer: every call of an earlier one has its result.
constexpr std::string_view last_calls_sql = R"sql(
  select number, kind from steps
   where run = ?1 and kind in (2, 3) and number > coalesce(
         (select number from steps where run = ?1 and kind = 1 order by number desc limit 1), 0)
   order by number)sql";

constexpr std::string_view insert_step_sql = R"sql(
  insert into steps (run, number, kind, attempt, created_at, content)
  values (?1, ?2, ?3, ?4, ?5, ?6))sql";

constexpr std::string_view add_messages_sql = R"sql(
  update conversations set messages = messages + ?2, updated_at = max(updated_at, ?3)
   where id = ?1)sql";

constexpr std::string_view insert_message_sql = R"sql(
  insert into messages (conversation, number, type, run, step, part, created_at)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7))sql";

constexpr std::string_view count_sql = R"sql(
  update runs set steps = ?2, model_calls = model_calls + ?3, action_calls = action_calls + ?4,
         input_tokens = input_tokens + ?5, output_tokens = output_tokens + ?6, cost = cost + ?7,
         unpriced_calls = unpriced_calls + ?8
   where id = ?1)sql";

constexpr std::string_view open_sql = R"sql(
  update runs set steps = ?2, conversation = ?3, first_message = ?4, bot = ?5, log_item = ?6
   where id = ?1)sql";

constexpr std::string_view finish_sql = R"sql(
  update runs set state = ?2, ended_at = ?3, due_at = ?4, reason = ?5, error_message = ?6,
         attempt = attempt - ?7, lease_expires_at = null, steps = ?8,
         model_calls = model_calls + ?9, action_calls = action_calls + ?10,
         input_tokens = input_tokens + ?11, output_tokens = output_tokens + ?12, cost = cost + ?13,
         unpriced_calls = unpriced_calls + ?14
   where id = ?1)sql";

constexpr std::string_view renew_sql = R"sql(
  update runs set lease_expires_at = ?3 where id = ?1 and lease_number = ?2 and state = 1)sql";

constexpr std::string_view retry_sql = R"sql(
  update runs set due_at = ?2 where id = ?1 and state in (2, 3)
  returning id, trigger, account, session, state, due_at)sql";

constexpr std::string_view wake_sql = R"sql(
  update runs set due_at = ?2 where id = ?1 and state = 2
  returning id, trigger, account, session, state, due_at)sql";

constexpr std::string_view note_woken_sql = R"sql(
  update runs set woken_lease = lease_number where id = ?1 and state = 1)sql";

// Of a run that has ended there is nothing left to decide (ApprovalState::voided).
constexpr std::string_view void_approvals_sql = R"sql(
  update approvals set state = 4 where run = ?1 and state = 0)sql";

constexpr std::string_view resolvable_sql = "select state, attempt, steps from runs where id = ?1";

constexpr std::string_view add_unknown_sql =
    "update runs set unknown_calls = unknown_calls + ?2 where id = ?1";

constexpr std::string_view add_resolved_sql = R"sql(
  update runs set steps = ?2, resolved_calls = resolved_calls + 1 where id = ?1)sql";

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
      log_(database, log),
      written_(written),
      opener_(database, random),
      claim_(database, claim_sql),
      to_claim_(database, std::string{event_columns} + std::string{to_claim_columns} +
                              std::string{from_events} + std::string{is_to_claim}),
      event_to_open_(database, event_to_open_sql),
      held_(database,
            std::string{held_columns} + "where id = ?1 and lease_number = ?2 and state = 1"),
      any_(database, std::string{held_columns} + "where id = ?1 and state <= 3"),
      last_calls_(database, last_calls_sql),
      insert_step_(database, insert_step_sql),
      add_messages_(database, add_messages_sql),
      insert_message_(database, insert_message_sql),
      count_(database, count_sql),
      open_(database, open_sql),
      finish_(database, finish_sql),
      renew_(database, renew_sql),
      void_approvals_(database, void_approvals_sql),
      retry_(database, retry_sql),
      wake_(database, wake_sql),
      note_woken_(database, note_woken_sql),
      resolvable_(database, resolvable_sql),
      add_unknown_(database, add_unknown_sql),
      add_resolved_(database, add_resolved_sql),
      recover_(database, recover_sql) {}

std::optional<RunRecords::Held> RunRecords::held(const Lease& lease) {
  if (!held_.with(lease.run.value, lease.number).step()) return std::nullopt;
  return read_held(held_);
}

RunRecords::Held RunRecords::read_held(Statement& statement) {
  Held held{
      .run = read_pending(statement), .attempt = statement.number(6), .steps = statement.number(7)};
  held.conversation = ConversationKey{statement.number(8)};
  held.bot = BotKey{statement.number(9)};
  held.logged = {.account = held.run.account,
                 .trigger = held.run.trigger,
                 .run = held.run.run,
                 .first = LogId{statement.number(10)}};
  held.messages = statement.optional_number(11);
  held.woken = statement.number(12) != 0;
  statement.reset();
  return held;
}

Result<ClaimedRun> RunRecords::claim(const Claim& claim) {
  if (!to_claim_.with(claim.run.value).step()) {
    return fail(ErrorCode::conflict, claim.run.text() + " is not ready to run");
  }
  EventAndRun row = read_event_row(to_claim_);
  Run& run = row.run;
  run.state = RunState::running;
  ++run.lease_number;
  ++run.attempt;
  const TimePoint started_at = run.started_at.value_or(claim.now);
  run.started_at = started_at;
  run.due_at.reset();
  ClaimedRun claimed{.lease = {claim.run, run.lease_number, claim.expires_at}};
  if (!to_claim_.is_null(event_column_count)) {
    row.event.body = to_claim_.text(event_column_count);
    claimed.event = std::move(row.event);
  }
  to_claim_.reset();
  claim_
      .with(claim.run.value, run.lease_number, to_ms(claim.expires_at), run.attempt,
            to_ms(started_at))
      .run();
  claimed.run = std::move(run);
  return claimed;
}

void RunRecords::add_steps(Held& held, std::span<const NewStep> steps, TimePoint now) {
  std::int64_t messages = 0;
  for (const NewStep& step : steps) messages += std::ssize(step.messages);
  if (messages > 0 && held.messages) {
    add_messages_.with(held.conversation.value, messages, to_ms(now)).run();
    used(held, "", now).messages += messages;
  }
  write_steps(held, steps, now);
}

// A conversation that was deleted under the run takes no more messages; the journal goes on.
void RunRecords::write_steps(Held& held, std::span<const NewStep> steps, TimePoint now) {
  for (const NewStep& step : steps) {
    ++held.steps;
    insert_step_
        .with(held.run.run.value, held.steps, static_cast<std::int64_t>(step.kind), held.attempt,
              to_ms(now), std::string_view{step.content})
        .run();
    if (!held.messages) continue;
    for (const MessageOfStep& message : step.messages) {
      insert_message_
          .with(held.conversation.value, ++*held.messages, static_cast<std::int64_t>(message.type),
                held.run.run.value, held.steps, message.part, to_ms(now))
          .run();
    }
  }
}

UsageCounts& RunRecords::used(const Held& held, std::string_view model, TimePoint now) {
  return written_.usage[{.account = held.run.account,
                         .day = day_of(now),
                         .trigger = held.run.trigger,
                         .bot = held.bot,
                         .model = std::string{model}}];
}

UsageCounts RunRecords::count(const Held& held, const RunUsage& usage, TimePoint now) {
  if (usage.action_calls > 0) used(held, "", now).action_calls += usage.action_calls;
  UsageCounts all{.action_calls = usage.action_calls};
  for (const ModelUse& call : usage.model_calls) {
    const UsageCounts one = usage_.counts_of(call);
    used(held, call.model, now) += one;
    all += one;
  }
  return all;
}

std::optional<Event> RunRecords::event_to_open(RunId run) {
  if (!event_to_open_.with(run.value).step()) return std::nullopt;
  Event event{.id = EventId{run.value},
              .account = AccountKey{event_to_open_.number(0)},
              .trigger = TriggerKey{event_to_open_.number(1)},
              .received_at = from_ms(event_to_open_.number(2)),
              .session = SessionKey::stored(event_to_open_.text(3)),
              .contact = {event_to_open_.text(4), event_to_open_.text(5), event_to_open_.text(6)}};
  event_to_open_.reset();
  return event;
}

// A conversation that was just made has the opening's messages counted. Gives the number of the
// first one.
std::int64_t RunRecords::write_opening(Held& held, const NewStep& step, TimePoint now) {
  const std::int64_t before = opener_.messages();
  held.messages = before;
  if (opener_.started()) {
    UsageCounts& counts = used(held, "", now);
    ++counts.conversations;
    counts.messages += std::ssize(step.messages);
    write_steps(held, {&step, 1}, now);
  } else {
    add_steps(held, {&step, 1}, now);
  }
  return before + 1;
}

Result<OpenedRun> RunRecords::open(const OpenRun& open) {
  std::optional<Held> held = this->held(open.lease);
  if (!held) return lease_lost(open.lease);
  const std::optional<Event> event = event_to_open(open.lease.run);
  if (!event) return lease_lost(open.lease);
  if (opener_.names_erased(*event)) {
    cancel(open.lease.run, erased_reason, open.now);
    return lease_lost(open.lease);
  }

  OpenedRun opened;
  opened.contact = opener_.identify(*event, open.now);
  opened.conversation = opener_.converse(*event, open, opened.contact);
  held->conversation = opened.conversation.key;
  held->bot = open.bot.key;

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
  opened.first_message = write_opening(*held, step, open.now);
  open_
      .with(open.lease.run.value, held->steps, held->conversation.value, opened.first_message,
            held->bot.value,
            log_.open(*event, open, opened, {opener_.made_contact(), opener_.started()}).value)
      .run();
  return opened;
}

void RunRecords::note(Held& held, std::span<const NewStep> steps, TimePoint now) {
  log_.add_actions(held.logged, steps, now);
  const auto unknown = std::ranges::count_if(steps, &NewStep::outcome_unknown);
  if (unknown == 0) return;
  add_unknown_.with(held.run.run.value, std::int64_t{unknown}).run();
  std::int64_t number = held.steps - std::ssize(steps);
  for (const NewStep& step : steps) {
    ++number;
    if (step.outcome_unknown) log_.add_unknown(held.logged, StepId{held.run.run, number}, now);
  }
}

Result<void> RunRecords::append_steps(const AppendSteps& append) {
  std::optional<Held> held = this->held(append.lease);
  if (!held) return lease_lost(append.lease);
  add_steps(*held, append.steps, append.now);
  note(*held, append.steps, append.now);
  const UsageCounts calls = count(*held, append.usage, append.now);
  count_
      .with(append.lease.run.value, held->steps, calls.model_calls, calls.action_calls,
            calls.input_tokens, calls.output_tokens, calls.cost, calls.unpriced_calls)
      .run();
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
  end(*held, finish);
  return {};
}

void RunRecords::end(Held& held, const FinishRun& finish) {
  add_steps(held, finish.steps, finish.now);
  note(held, finish.steps, finish.now);
  if (!is_pending(finish.state)) {
    ++used(held, "", finish.now).runs;
    log_.end(held.logged, finish.state, finish.reason, finish.now);
    void_approvals_.with(held.run.run.value).run();
  }
  // What it was woken for may have come after it looked.
  const bool is_due = finish.state == RunState::waiting && held.woken;
  const std::optional<TimePoint> due_at = is_due ? finish.now : finish.due_at;
  const UsageCounts calls = count(held, finish.usage, finish.now);
  finish_.bind(1, held.run.run.value);
  finish_.bind(2, static_cast<std::int64_t>(finish.state));
  if (is_pending(finish.state)) {
    finish_.bind_null(3);
  } else {
    finish_.bind(3, to_ms(finish.now));
  }
  if (due_at) {
    finish_.bind(4, to_ms(*due_at));
  } else {
    finish_.bind_null(4);
  }
  bind_text_or_null(finish_, 5, finish.reason);
  bind_text_or_null(finish_, 6, finish.error_message);
  finish_.bind(7, std::int64_t{finish.counts_attempt ? 0 : 1});
  int index = 8;
  for (const std::int64_t value :
       {held.steps, calls.model_calls, calls.action_calls, calls.input_tokens, calls.output_tokens,
        calls.cost, calls.unpriced_calls}) {
    finish_.bind(index++, value);
  }
  finish_.run();
  changed(held.run, finish.state, due_at);
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

  // A run that waits has no other calls open than those that it waits for.
  const bool only_waited = held.run.state == RunState::waiting;
  std::vector<NewStep> steps;
  for (const std::int64_t intent : open_calls(run)) {
    boost::json::object content{{"intent", intent},
                                {"result", only_waited ? unawaited_result() : unknown_result()},
                                {"isError", true},
                                {"durationMs", 0}};
    if (!only_waited) content["outcomeUnknown"] = true;
    steps.push_back({.kind = StepKind::result,
                     .content = boost::json::serialize(content),
                     .messages = {{MessageType::activity, part::call_request},
                                  {MessageType::activity, part::call_response}},
                     .action = {},
                     .outcome_unknown = !only_waited});
  }
  steps.push_back({.kind = StepKind::settled,
                   .content = boost::json::serialize(boost::json::object{
                       {"status", "incomplete"}, {"outcome", "canceled"}, {"reason", reason}}),
                   .messages = {{MessageType::activity, part::status_request},
                                {MessageType::activity, part::status_response}}});
  end(held, {.now = now,
             .state = RunState::canceled,
             .reason = std::string{reason},
             .steps = std::move(steps)});
  return true;
}

bool RunRecords::make_due(Statement& statement, RunId run, TimePoint now) {
  if (!statement.with(run.value, to_ms(now)).step()) return false;
  written_.runs.push_back({.run = read_pending(statement)});
  while (statement.step()) {
  }
  return true;
}

bool RunRecords::retry(RunId run, TimePoint now) { return make_due(retry_, run, now); }

bool RunRecords::wake(RunId run, TimePoint now) {
  return make_due(wake_, run, now) || note_woken_.with(run.value).run() > 0;
}

Result<ResolvedCall> RunRecords::resolve(const StepId& result, const Resolution& resolution,
                                         TimePoint now) {
  const std::optional<Step> step = runs_.step(result);
  boost::json::object content;
  if (step && step->kind == StepKind::result) content = parse_stored(step->content);
  if (!is_unknown(content)) {
    return fail(ErrorCode::conflict, result.text() + " is no call whose outcome is unknown",
                "run/" + result.run.text() + "/fetch names those that are, in unknownCalls");
  }
  const boost::json::object resolved = resolved_content(result.number, content, resolution, now);
  if (const auto before = runs_.resolution_of(result)) {
    const boost::json::object said = parse_stored(before->content);
    if (is_same_resolution(said, resolved)) return ResolvedCall{before->id, false};
    return fail(ErrorCode::conflict,
                result.text() + " was resolved as " + (is_done(said) ? "done" : "not_done") +
                    " before, which stays",
                "step/" + before->id.text() + "/fetch shows what was said of it");
  }
  if (!resolvable_.with(result.run.value).step()) return lease_lost({.run = result.run});
  const auto state = static_cast<RunState>(resolvable_.number(0));
  const std::int64_t attempt = resolvable_.number(1);
  const std::int64_t number = resolvable_.number(2) + 1;
  resolvable_.reset();
  if (state == RunState::running) {
    return fail(ErrorCode::conflict, "The run is under way",
                "resolve it when the run has ended: run/" + result.run.text() + "/fetch?wait=30");
  }
  insert_step_
      .with(result.run.value, number, static_cast<std::int64_t>(StepKind::resolved), attempt,
            to_ms(now), std::string_view{boost::json::serialize(resolved)})
      .run();
  add_resolved_.with(result.run.value, number).run();
  return ResolvedCall{StepId{result.run, number}};
}

std::int64_t RunRecords::recover(After after) {
  return recover_.with(std::int64_t{after == After::process_death ? 0 : 1}).run();
}

}  // namespace bellpull
