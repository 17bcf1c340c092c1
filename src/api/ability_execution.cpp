#include "api/ability_execution.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "action/ability.h"
#include "action/ability_bench.h"
#include "action/action.h"
#include "api/ability_events.h"
#include "api/call.h"
#include "api/change.h"
#include "api/error_reply.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/idempotency_key.h"
#include "api/list_lines.h"
#include "api/log_change.h"
#include "api/media.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/view.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "domain/usage.h"
#include "http/response.h"
#include "identity/permit.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_input_bytes = std::size_t{1024} * 1024;
constexpr std::size_t key_bytes = 16;
// How late it may be noticed that a client has gone.
constexpr Duration look_pause = std::chrono::milliseconds{500};
// A line at least so often, so that nobody between takes the stream for dead.
constexpr Duration longest_silence = std::chrono::seconds{10};

Result<ListForm> form_of(const Call& call) {
  auto form = choose_list_form(call.request.header("accept"));
  if (form && *form != ListForm::csv) return form;
  return fail(ErrorCode::invalid, "Unsupported accept header",
              "a call answers as application/json, application/jsonl or text/event-stream");
}

AbilityText text_of(const Ability& ability) {
  return {.name = ability.name,
          .description = ability.description,
          .instruction = ability.instruction,
          .links = links_of(ability)};
}

}  // namespace

struct AbilityExecution::Request {
  std::string input;
  std::optional<ContactId> contact;

  static const Fields<Request>& fields() {
    static const Fields<Request> fields{
        text("input", &Request::input, {.max_bytes = max_input_bytes})
            .means(
                "The arguments as JSON or YAML; or a text, where the ability has one parameter."),
        reference<Contact>("contactId", &Request::contact)
            .means("Whose call it is: names its values in the instruction.")};
    return fields;
  }
};

struct AbilityExecution::Origin {
  LogAuthor author;
  AbilityLinks links;
  std::optional<ContactId> contact;
};

// Shared with the reply that waits for it, and with nobody else: with the reply it goes, and ends
// the call.
struct AbilityExecution::Execution {
  std::shared_ptr<const Origin> origin;
  View view;
  Permit permit;
  ListForm form = ListForm::json;
  std::string call_id;
  std::unique_ptr<AbilityBench::Trial> trial;
  SteadyTime last_line;
};

AbilityExecution::AbilityExecution(Store& store, const Clock& clock, Random& random,
                                   AbilityBench& bench)
    : store_(store), clock_(clock), random_(random), bench_(bench) {}

void AbilityExecution::add_routes(Routes& routes) {
  routes
      .post("/skillset/{skillsetId}/ability/{abilityId}/execute",
            [this](Call call) { return execute(std::move(call)); })
      .describe({.summary = "Tries an ability out: one call, outside of any run",
                 .takes = body_schema("AbilityExecute", Request::fields(), Verb::create),
                 .gives = trial_result_schema(),
                 .form = Description::Form::engine,
                 .about =
                     "It is a real call: what the action does is done. A call that fails is a 200 "
                     "with `error`. No model is asked. An `Idempotency-Key` is passed on to the "
                     "action; the call itself is made every time.",
                 .errors = {429}});
}

Task<Response> AbilityExecution::execute(Call call) {
  const auto form = form_of(call);
  if (!form) co_return call.reply(form.error());
  const auto key = idempotency_key(call.request);
  if (!key) co_return call.reply(key.error());
  const auto change = Change<Request>::parse(Request::fields(), call.body, Verb::create);
  if (!change) co_return call.reply(change.error());
  auto place = bench_.enter(call.caller.account);
  if (!place) {
    const Error full{ErrorCode::too_many_requests,
                     "Too many calls by hand are under way in this account",
                     "wait until one has ended, or end it by closing its connection"};
    co_return call.reply(full);
  }

  const TimePoint now = clock_.now();
  LogAuthor author;
  auto wanted = co_await store_.transact([&](Transaction& rows) -> Result<AbilityBench::Wanted> {
    Request request;
    const auto applied = change->apply(request, Edit{&rows, call.caller.account});
    if (!applied) return std::unexpected(applied.error());
    author = author_of(rows, call);
    return prepare(rows, call, request, now);
  });
  if (!wanted) co_return call.reply(wanted.error());
  wanted->idempotency_key = key->empty() ? random_.hex(key_bytes) : std::string{*key};

  const auto origin = std::make_shared<const Origin>(Origin{.author = std::move(author),
                                                            .links = wanted->text.links,
                                                            .contact = wanted->context.contact});
  wanted->record = [this, origin](AbilityBench::Tried tried) {
    return record(origin, std::move(tried));
  };
  const auto execution = std::make_shared<Execution>(Execution{.origin = origin,
                                                               .view = call.view,
                                                               .permit = call.permit,
                                                               .form = *form,
                                                               .call_id = call.request_id,
                                                               .trial = {},
                                                               .last_line = {}});
  const auto executor = co_await boost::asio::this_coro::executor;
  execution->trial = bench_.start(std::move(place), std::move(*wanted), executor);

  Response response{.content_type = content_type_of(*form)};
  response.headers.add("x-request-id", call.request_id);
  response.headers.add("cache-control", "no-cache, no-transform");
  response.headers.add("x-accel-buffering", "no");
  // JSON as well: only a stream knows whether its client is still there.
  response.stream = [this, execution](BodyWriter& writer) {
    return execution->form == ListForm::json ? answer(writer, execution)
                                             : stream(writer, execution);
  };
  co_return response;
}

// Whose state is disabled is only not offered to bots: here it is found out what is wrong with it.
Result<AbilityBench::Wanted> AbilityExecution::prepare(Transaction& rows, const Call& call,
                                                       const Request& request,
                                                       TimePoint now) const {
  const AccountKey account = call.caller.account;
  const auto skillset = find_own<Skillset>(rows, account, call.parameter("skillsetId"));
  if (!skillset) return std::unexpected(skillset.error());
  const auto ability = find_own<Ability>(rows, account, call.parameter("abilityId"));
  if (!ability) return std::unexpected(ability.error());
  if (ability->skillset != skillset->id) return not_found("Ability");
  // Before it is made: whatever comes of it, it is known who made it.
  LogItem item{.type = "ability.execute",
               .name = ability->name,
               .about = references_of(*ability),
               .created_at = now};
  refer(item.about, request.contact);
  log_item(rows, call, std::move(item), {});
  return AbilityBench::Wanted{
      .text = text_of(*ability),
      .input = request.input,
      .context = {.account = account,
                  .trigger = {},
                  .bot = {},
                  .run = {},
                  .conversation = {},
                  .contact = request.contact,
                  .blueprint = ability->blueprint ? ability->blueprint : skillset->blueprint},
      .idempotency_key = {},
      .record = {}};
}

Task<void> AbilityExecution::record(std::shared_ptr<const Origin> origin,
                                    AbilityBench::Tried tried) {
  if (tried.action.empty()) co_return;
  const TimePoint now = clock_.now();
  LogItem item{.type = "action." + tried.action,
               .about = {.skillset = origin->links.skillset, .ability = origin->links.ability},
               .created_at = now};
  std::ranges::replace(item.type, '/', '.');
  refer(item.about, origin->contact);
  json::object meta;
  if (tried.outcome.is_error) meta["isError"] = true;
  if (tried.outcome.outcome_unknown) meta["outcomeUnknown"] = true;
  co_await store_.transact([&](Transaction& rows) -> Result<void> {
    log_item(rows, origin->author, item, meta);
    rows.usage().count({.account = origin->author.account, .day = day_of(now)},
                       {.action_calls = 1, .model_calls = tried.outcome.model_calls});
    return {};
  });
}

// No 5xx once the call was made: a client would make it again (api-contract.md 1.7).
Task<Result<json::object>> AbilityExecution::result_of(std::shared_ptr<Execution> execution) {
  const auto& ended = *execution->trial->ended();
  if (!ended) co_return std::unexpected(ended.error());
  Result<void> permitted;
  bool is_known = true;
  try {
    permitted = co_await execution->permit.check();
  } catch (const StoreUnavailable&) {
    is_known = false;
  }
  if (!permitted) co_return std::unexpected(permitted.error());
  if (is_known) co_return trial_result(execution->call_id, *ended);
  AbilityBench::Tried hidden;
  hidden.outcome = {.result =
                        "The call was made, but the store is unavailable, so that its outcome "
                        "cannot be shown",
                    .is_error = true};
  co_return trial_result(execution->call_id, hidden);
}

Task<bool> AbilityExecution::wait(BodyWriter writer, std::shared_ptr<Execution> execution) {
  co_await execution->trial->wait(look_pause);
  if (!writer.is_gone()) co_return true;
  execution->trial.reset();  // which ends the call
  co_return false;
}

Task<void> AbilityExecution::answer(BodyWriter writer, std::shared_ptr<Execution> execution) {
  while (execution->trial->ended() == nullptr) {
    const bool is_there = co_await wait(writer, execution);
    if (!is_there) co_return;
  }
  const Result<json::object> result = co_await result_of(execution);
  if (!result) {
    writer.replace(error_reply(result.error(), execution->call_id));
    co_return;
  }
  Response response{.body = json::serialize(*result)};
  response.headers.add("x-request-id", execution->call_id);
  writer.replace(std::move(response));
}

Task<void> AbilityExecution::stream(BodyWriter writer, std::shared_ptr<Execution> execution) {
  const auto line = [this, execution](std::string_view type, const json::object& data) {
    execution->last_line = clock_.steady_now();
    return engine_line(execution->form, type, data, execution->view.time(clock_.now()));
  };
  const std::string& id = execution->call_id;
  const std::optional<AbilityId>& linked = execution->origin->links.ability;
  const std::string ability = linked ? linked->text() : std::string{};
  // The status goes out at once.
  const std::string first = line("nop", {});
  bool is_there = co_await writer.write(first);
  bool has_begun = false;
  while (is_there) {
    const AbilityBench::Begun* const begun = execution->trial->begun();
    std::string text;
    if (begun != nullptr && !std::exchange(has_begun, true)) {
      text = line("operationBegin", operation_event(id, ability, *begun)) +
             line("message", request_message(id, *begun));
    }
    if (execution->trial->ended() != nullptr) {
      co_await writer.write(text);
      break;
    }
    const bool is_silent = clock_.steady_now() - execution->last_line >= longest_silence;
    if (text.empty() && is_silent) text = line("ping", {});
    if (!text.empty()) is_there = co_await writer.write(text);
    if (is_there) is_there = co_await wait(writer, execution);
  }
  if (!is_there) {
    execution->trial.reset();
    co_return;
  }
  const Result<json::object> result = co_await result_of(execution);
  if (!result) {
    const std::string last = list_failure(execution->form, result.error());
    co_await writer.write(last);
    co_return;
  }
  const AbilityBench::Tried& tried = **execution->trial->ended();
  std::string text;
  if (const auto& made = tried.call; made) {
    text = line("message", response_message(id, *made, tried.outcome.result)) +
           line("operationEnd", operation_event(id, ability, *made));
    if (tried.outcome.settles) {
      text += line("abort", {{"reason", tried.outcome.reason}, {"functionName", made->function}});
    }
  }
  text += line("result", *result);
  co_await writer.write(text);
}

}  // namespace bellpull
