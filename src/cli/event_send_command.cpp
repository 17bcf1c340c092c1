#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <ios>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "base/random.h"
#include "base/time.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/event_send.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/references.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

struct Plan {
  OutgoingEvent event;
  std::int64_t count = 1;
  std::optional<std::int64_t> rate;  // a second
  bool waits = false;
  std::optional<Duration> timeout;
};

// What "-d" means: the text itself, "@file", or "-" for stdin.
Outcome<std::string> read_body(const CommandContext& context) {
  std::string given = context.arguments.text("--body");
  if (given == "-") {
    return std::string{std::istreambuf_iterator<char>{context.surroundings.in}, {}};
  }
  if (!given.starts_with('@')) return given;
  const auto path = context.surroundings.folder / given.substr(1);
  std::ifstream file{path, std::ios::binary};
  if (!file) return usage_failure("the file " + path.string() + " can't be read");
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

std::string content_type_of(const CommandContext& context, const std::string& body) {
  if (context.arguments.has("--content-type")) return context.arguments.text("--content-type");
  if (body.empty()) return {};
  boost::system::error_code problem;
  static_cast<void>(json::parse(body, problem));
  return problem ? "text/plain; charset=utf-8" : "application/json";
}

std::string endpoint(const json::object& trigger, const Arguments& arguments) {
  return list_path(
      fmt::format("/v1/integration/trigger/{}/event", percent_encoded(text_at(trigger, "id"))),
      {{"session", arguments.text("--session")},
       {"contact.email", arguments.text("--contact-email")},
       {"contact.name", arguments.text("--contact-name")},
       {"contact.phone", arguments.text("--contact-phone")}});
}

Outcome<Plan> plan_of(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  Plan plan{.event = {}, .rate = {}, .waits = arguments.has("--wait"), .timeout = {}};
  const auto count = arguments.number("--count", 1);
  if (!count) return std::unexpected(count.error());
  const auto rate = arguments.number("--rate", 1);
  if (!rate) return std::unexpected(rate.error());
  const auto timeout = arguments.duration("--timeout");
  if (!timeout) return std::unexpected(timeout.error());
  auto body = read_body(context);
  if (!body) return std::unexpected(body.error());
  plan.count = count->value_or(1);
  plan.rate = *rate;
  plan.timeout = *timeout;

  const auto trigger = find_resource(context.client, trigger_kind, arguments.text("TRIGGER"));
  if (!trigger) return std::unexpected(trigger.error());
  plan.event = {.path = endpoint(*trigger, arguments),
                .secret = text_at(*trigger, "secret"),
                .content_type = content_type_of(context, *body),
                .body = std::move(*body),
                .idempotency_key = arguments.text("--idempotency-key")};
  const bool is_secured = text_at(*trigger, "authenticate") != "false";
  if (!is_secured) plan.event.secret.clear();
  if (is_secured && plan.event.secret.empty()) {
    return std::unexpected(
        Failure{.exit_code = ExitCode::not_allowed,
                .code = {},
                .message = "the token may not see the trigger's secret",
                .hint = "Its scope secrets:read is missing.",
                .next = {{"bellpull token create --scope read --scope write --scope secrets:read",
                          "a token that may send"}}});
  }
  return plan;
}

// One event more, under a key of its own.
OutgoingEvent numbered(const Plan& plan, std::int64_t number, Random& random) {
  constexpr std::size_t key_bytes = 16;
  OutgoingEvent event = plan.event;
  if (event.idempotency_key.empty()) {
    event.idempotency_key = "cli-" + random.hex(key_bytes);
  } else if (plan.count > 1) {
    event.idempotency_key += fmt::format("-{}", number);
  }
  return event;
}

class Sender {
 public:
  Sender(CommandContext& context, const Plan& plan) : context_(context), plan_(plan) {}

  Outcome<ExitCode> run() {
    const Clock& clock = context_.surroundings.clock;
    const SteadyTime started = clock.steady_now();
    for (std::int64_t i = 0; i < plan_.count; ++i) {
      if (plan_.rate) {
        const auto due = started + std::chrono::milliseconds{i * 1'000 / *plan_.rate};
        const auto early = std::chrono::duration_cast<Duration>(due - clock.steady_now());
        if (early > Duration{0}) {
          if (auto paused = context_.client.pause(early); !paused) return stopped(paused.error());
        }
      }
      auto id = send_event(context_.client, numbered(plan_, i + 1, context_.surroundings.random));
      if (!id) return stopped(id.error());
      sent_.push_back(std::move(*id));
      if (!plan_.waits) show({{"id", sent_.back()}, {"accepted", true}});
    }
    return plan_.waits ? await_all(clock) : finish(ExitCode::ok);
  }

 private:
  Outcome<ExitCode> await_all(const Clock& clock) {
    std::optional<SteadyTime> deadline;
    if (plan_.timeout) deadline = clock.steady_now() + *plan_.timeout;
    ExitCode worst = ExitCode::ok;
    for (const std::string& id : sent_) {
      auto event = await_end(context_.client, id, deadline, clock);
      if (!event) return stopped(event.error());
      if (text_at(*event, "state") != "succeeded") worst = ExitCode::run_not_ok;
      show(*event);
    }
    return finish(worst);
  }

  Columns columns() const {
    if (!plan_.waits) return {{"accepted", "id", ValueForm::id}};
    return {{"id", "id", ValueForm::id},
            {"state", "state", ValueForm::state},
            {"reason", "reason"},
            {"error", "error", ValueForm::text, Presence::optional},
            {"conversation", "conversationId", ValueForm::id, Presence::optional}};
  }

  // Each at once, but for the one JSON document and for a table.
  void show(const json::object& item) {
    const OutputForm form = context_.output.form();
    const bool is_gathered =
        form == OutputForm::json || (form == OutputForm::terminal && plan_.count > 1);
    if (is_gathered) {
      shown_.push_back(item);
    } else if (form == OutputForm::terminal) {
      context_.output.object(columns(), item);
    } else {
      context_.output.table(columns(), {&item, 1});
    }
  }

  Outcome<ExitCode> finish(ExitCode code) {
    const bool is_json = context_.output.form() == OutputForm::json;
    if (is_json && plan_.count == 1) {
      context_.output.object(columns(), shown_.front());
    } else if (is_json) {
      json::array items;
      for (const json::object& item : shown_) items.emplace_back(item);
      context_.output.json(json::object{{"items", std::move(items)}});
    } else {
      context_.output.table(columns(), shown_);
    }
    if (!plan_.waits) context_.output.note("Watch it: bellpull event get " + sent_.back());
    return code;
  }

  // What was done until then is part of the answer.
  Outcome<ExitCode> stopped(Failure failure) {
    if (!context_.output.is_json() && !shown_.empty()) {
      context_.output.table(columns(), shown_);
    }
    if (plan_.count > 1 || !sent_.empty()) {
      const std::string done = fmt::format("{} of {} events were sent.", sent_.size(), plan_.count);
      failure.hint += (failure.hint.empty() ? "" : " ") + done;
    }
    return std::unexpected(std::move(failure));
  }

  CommandContext& context_;
  const Plan& plan_;
  std::vector<std::string> sent_;
  std::vector<json::object> shown_;
};

Outcome<ExitCode> send(CommandContext& context) {
  const auto plan = plan_of(context);
  if (!plan) return std::unexpected(plan.error());
  return Sender{context, *plan}.run();
}

}  // namespace

Command event_send_command() {
  return {
      .group = "event",
      .name = "send",
      .purpose = "Send an event to a trigger, as an application would",
      .parameters = {{"TRIGGER", "id, @alias or name"}},
      .options = {{"-d,--body", "BODY", "the body: a text, @file, or - for stdin"},
                  {"--content-type", "TYPE", "of the body; else JSON when it is JSON"},
                  {"--session", "SESSION", "events of one session share a conversation"},
                  {"--contact-email", "EMAIL", "who is on the other side"},
                  {"--contact-name", "NAME", "their name"},
                  {"--contact-phone", "PHONE", "their phone"},
                  {"--idempotency-key", "KEY", "the same key again is the same event"},
                  {"--count", "N", "send it N times"},
                  {"--rate", "R", "at most R a second"},
                  {"--wait", "", "until the run has ended; exits 8 when it did not succeed"},
                  {"--timeout", "DURATION", "of --wait, such as 2m; exits 7"}},
      .examples = {{{"bellpull event send @orders -d '{\"order\":12345}' --wait",
                     "send and see what becomes of it"},
                    {"bellpull event send @orders -d @order.json --session order_12345 "
                     "--contact-email jo@example.com",
                     "a file, in a session, from a contact"},
                    {"bellpull event send @orders -d hello --count 100 --rate 10",
                     "100 events in 10 seconds"}}},
      .run = send,
      .details =
          "Without --idempotency-key a random one is used, so that a request that got no "
          "answer can be sent again. With --count, \"-1\", \"-2\", ... is added to a given key."};
}

}  // namespace bellpull::cli
