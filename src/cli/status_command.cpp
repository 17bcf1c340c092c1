#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/display_text.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/metrics.h"
#include "cli/output.h"
#include "cli/status_words.h"
#include "egress/http_call.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds refresh{2};
constexpr std::array<std::string_view, 9> states{"queued",     "running",   "waiting",
                                                 "retrying",   "succeeded", "failed",
                                                 "incomplete", "canceled",  "dead"};

json::object body_of(const HttpReply& reply) {
  boost::system::error_code problem;
  auto value = json::parse(reply.body, problem);
  return !problem && value.is_object() ? value.get_object() : json::object{};
}

json::value known(const std::map<std::string, double>& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  if (found == metrics.end()) return nullptr;
  return static_cast<std::int64_t>(found->second);
}

json::object runs_by_state(const std::map<std::string, double>& metrics) {
  json::object runs;
  for (const std::string_view state : states) {
    json::value count = known(metrics, fmt::format("bellpull_runs_total{{state=\"{}\"}}", state));
    if (!count.is_null()) runs[state] = std::move(count);
  }
  return runs;
}

// The newest dead letters; absent without a token that may read.
json::value problems(Client& client) {
  constexpr std::int64_t shown = 5;
  if (!client.has_token()) return nullptr;
  const auto dead = read_page(client, "/event/inbox/list", {{"state", "dead"}}, shown);
  if (!dead) return nullptr;
  json::array items;
  for (const json::object& event : dead->items) {
    items.emplace_back(only(event, {"id", "receivedAt", "reason", "error"}));
  }
  return items;
}

Outcome<json::object> read_status(Client& client) {
  const auto health = client.send({.path = "/healthz"});
  if (!health) return std::unexpected(health.error());
  const auto ready = client.send({.path = "/readyz"});
  if (!ready) return std::unexpected(ready.error());
  const auto numbers = client.send({.path = "/metrics"});
  if (!numbers) return std::unexpected(numbers.error());

  const json::object told = body_of(*health);
  const auto metrics = parse_metrics(numbers->status == 200 ? numbers->body : "");
  json::object status{{"url", client.url()}};
  const std::string version = text_at(told, "version");
  status["version"] = version.empty() ? json::value(nullptr) : json::value(version);
  const bool has_readiness = ready->status != 404;
  status["writable"] = has_readiness ? json::value(ready->status == 200) : json::value(nullptr);
  status["events"] = json::object{{"accepted", known(metrics, "bellpull_events_accepted_total")}};
  status["queue"] = json::object{{"ready", known(metrics, "bellpull_queue_ready")},
                                 {"running", known(metrics, "bellpull_queue_running")},
                                 {"delayed", known(metrics, "bellpull_queue_delayed")}};
  status["runs"] = runs_by_state(metrics);
  status["deadLetters"] = problems(client);
  return status;
}

// "✓ Succeeded 1,204   ✗ Failed 3", only what there is.
std::string runs_line(const Output& output, const json::object& runs) {
  std::string line;
  for (const auto& member : runs) {
    const auto count = number_at(runs, member.key());
    if (!count || *count == 0) continue;
    const StatusWord word = status_word(member.key());
    line += (line.empty() ? "" : "   ") +
            output.painted(fmt::format("{} {}", word.icon, word.word), word.hue) + " " +
            number_text(*count);
  }
  return line.empty() ? "none yet" : line;
}

void show(const Output& output, const json::object& status) {
  if (output.form() != OutputForm::terminal || !output.fields().empty()) {
    Columns columns{{"url", "url"},
                    {"version", "version"},
                    {"writable", "writable", ValueForm::yes_no},
                    {"accepted", "events.accepted", ValueForm::number},
                    {"ready", "queue.ready", ValueForm::number},
                    {"running", "queue.running", ValueForm::number},
                    {"delayed", "queue.delayed", ValueForm::number}};
    for (const auto& member : object_at(status, "runs")) {
      const std::string state{member.key()};
      columns.push_back({state, "runs." + state, ValueForm::number});
    }
    output.object(columns, status);
    return;
  }
  const auto line = [&](std::string_view title, std::string_view value) {
    output.text(output.painted(padded(title, 10), Hue::dim) + std::string{value});
  };
  const auto number = [&](std::string_view path) {
    const auto value = number_at(status, path);
    return value ? number_text(*value) : std::string{"?"};
  };
  line("server",
       fmt::format("{}  {}", text_at(status, "url"), printable(text_at(status, "version"))));
  const std::string writable = text_at(status, "writable");
  line("store", writable == "true"    ? output.painted("✓ takes events", Hue::ok)
                : writable == "false" ? output.painted("✗ not ready to take events", Hue::fail)
                                      : "?");
  line("events", number("events.accepted") + " accepted since the start");
  line("queue", fmt::format("{} ready   {} running   {} delayed", number("queue.ready"),
                            number("queue.running"), number("queue.delayed")));
  line("runs", runs_line(output, object_at(status, "runs")));
  for (const json::value& one : array_at(status, "deadLetters")) {
    const json::object& event = one.get_object();
    const auto received = time_at(event, "receivedAt");
    line("dead", cut(printable(fmt::format("{}  {}  {} {}", text_at(event, "id"),
                                           received ? relative_time(*received, output.now()) : "",
                                           text_at(event, "reason"), text_at(event, "error"))),
                     output.width() - 10));
  }
}

Outcome<ExitCode> status(CommandContext& context) {
  const bool watches = context.arguments.has("--watch");
  while (true) {
    const auto status = read_status(context.client);
    if (!status) return std::unexpected(status.error());
    const bool is_screen = watches && context.output.form() == OutputForm::terminal;
    if (is_screen) context.surroundings.out << "\x1b[H\x1b[2J";
    if (watches && context.output.is_json()) {
      context.output.json_line(*status);
    } else {
      show(context.output, *status);
    }
    if (!watches) return text_at(*status, "writable") == "false" ? ExitCode::failed : ExitCode::ok;
    if (!context.output.is_read() || !context.client.pause(refresh)) return ExitCode::ok;
  }
}

}  // namespace

Command status_command() {
  return {.group = "",
          .name = "status",
          .purpose = "Show how the server does: store, queue, runs, dead letters",
          .options = {{"--watch", "", "again every 2 seconds, until Ctrl+C"}},
          .examples = {{{"bellpull status", "one screen"},
                        {"bellpull status --watch", "kept up to date"},
                        {"bellpull status --json", "for a monitor; exits 5 when it is down"}}},
          .run = status,
          .details =
              "Exits 1 when the server is up but does not take events. Counts are since the "
              "server's start."};
}

}  // namespace bellpull::cli
