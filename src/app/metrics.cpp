#include "app/metrics.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/core.h>

#include "api/routes.h"
#include "api/schema.h"
#include "app/version.h"
#include "base/task.h"
#include "domain/run.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/service.h"
#include "queue/run_queue.h"
#include "schedule/scheduler.h"
#include "store/store.h"
#include "worker/worker.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::size_t no_body = 1024;

constexpr std::string_view health_path = "/healthz";
constexpr std::string_view readiness_path = "/readyz";
constexpr std::string_view page_path = "/metrics";

// One metric with its help line; samples follow.
class MetricsPage {
 public:
  void metric(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }
  void sample(std::string_view name, std::int64_t value, std::string_view labels = {}) {
    text_ += labels.empty() ? fmt::format("{} {}\n", name, value)
                            : fmt::format("{}{{{}}} {}\n", name, labels, value);
  }
  void single(std::string_view name, std::string_view type, std::string_view help,
              std::int64_t value) {
    metric(name, type, help);
    sample(name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

Task<QueueCounts> counts_of(const RunQueue* queue) { co_return queue->counts(); }

void add_store(MetricsPage& page, const StoreHealth& health) {
  page.single("bellpull_store_writable", "gauge", "1 while the store takes writes.",
              health.writable ? 1 : 0);
  page.single("bellpull_store_wal_bytes", "gauge", "Size of the write-ahead log.",
              health.wal_bytes);
  page.single("bellpull_store_commits_total", "counter", "Commits, each with one disk flush.",
              health.commits);
  page.single("bellpull_store_flush_failures_total", "counter", "Failed writes and flushes.",
              health.flush_failures);
}

void add_queue(MetricsPage& page, const QueueCounts& counts) {
  page.single("bellpull_queue_ready", "gauge", "Sessions ready in memory.",
              static_cast<std::int64_t>(counts.ready));
  page.single("bellpull_queue_running", "gauge", "Runs given to workers.",
              static_cast<std::int64_t>(counts.running));
  page.single("bellpull_queue_delayed", "gauge", "Runs that wait for their time.",
              static_cast<std::int64_t>(counts.delayed));
  page.single("bellpull_queue_more", "gauge",
              "1 while the store holds pending runs beyond the window.", counts.more ? 1 : 0);
}

void add_worker(MetricsPage& page, const WorkerCounts& counts) {
  page.single("bellpull_runs_claimed_total", "counter", "Attempts begun.", counts.claimed);
  page.metric("bellpull_runs_total", "counter", "Attempts by the state they left their run in.");
  for (const RunState state :
       {RunState::queued, RunState::waiting, RunState::retrying, RunState::succeeded,
        RunState::failed, RunState::incomplete, RunState::canceled, RunState::dead}) {
    page.sample("bellpull_runs_total", counts.ended_as(state),
                fmt::format("state=\"{}\"", run_state_name(state)));
  }
}

void add_scheduler(MetricsPage& page, const SchedulerCounts& counts) {
  page.single("bellpull_schedules", "gauge", "Triggers whose schedule has a next time.",
              counts.scheduled);
  page.single("bellpull_schedule_fired_total", "counter", "Occurrences that became events.",
              counts.fired);
  page.single("bellpull_schedule_late_ms_total", "counter",
              "By how many ms they were late, in all.", counts.late_ms);
  page.single("bellpull_schedule_overlapped_total", "counter",
              "Occurrences skipped because the one before was not done.", counts.overlapped);
  page.single("bellpull_schedule_missed_total", "counter",
              "Occurrences that were missed and not made up for.", counts.missed);
}

Response plain(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace

void Metrics::observe(const Observed& observed) { observed_ = &observed; }

// HEAD is named, so that it is answered as GET would be: some probes ask no other way.
void Metrics::add_routes(Router& router) {
  const auto add = [&router](std::string_view path, Handler handle) {
    router.add({.methods = {Method::get, Method::head},
                .pattern = std::string{path},
                .body_limit = no_body,
                .handle = std::move(handle)});
  };
  add(health_path, [this](Request&) { return health(); });
  add(readiness_path, [this](Request&) { return readiness(); });
  add(page_path, [this](Request&) { return page(); });
}

void Metrics::describe(Routes& routes) {
  const auto list = [&routes](std::string_view path, Description description) {
    Routes::Endpoint& listed = routes.list(Method::get, std::string{path}, Routes::Access::anyone);
    listed.has_prefix = false;
    listed.describe(std::move(description));
  };
  list(
      health_path,
      {.summary = "Says that the process answers",
       .gives = {"Health", object_schema({{"ok", boolean_schema()}, {"version", text_schema()}})}});
  const Schema not_ready{"NotReady",
                         object_schema({{"ok", boolean_schema()}, {"reason", text_schema()}})};
  list(readiness_path,
       {.summary = "Says whether events are taken and runs are executed",
        .gives = {"Ready", object_schema({{"ok", boolean_schema()}})},
        .replies = {{503, "It starts, it stops, or its disk takes no writes", not_ready}}});
  list(page_path, {.summary = "Figures for Prometheus",
                   .gives = {"", text_schema()},
                   .form = Description::Form::bytes,
                   .about = "In its text format 0.0.4.",
                   .media = "text/plain"});
}

void Metrics::count(const AnsweredRequest& exchange) {
  // The client was gone: nothing was acknowledged, and nobody was refused.
  if (exchange.bytes_out == 0) return;
  const auto status_class = static_cast<std::size_t>(exchange.status / 100);
  if (status_class < requests_.size())
    requests_[status_class].fetch_add(1, std::memory_order_relaxed);
  const bool sends_nothing = exchange.method == Method::head || exchange.method == Method::options;
  if (sends_nothing || !exchange.pattern.ends_with("/event")) return;
  const auto counter = [this](int status) -> std::atomic<std::int64_t>& {
    switch (status) {
      case 200:
        return events_accepted_;
      case 400:
        return rejected_.bad_request;
      case 401:
        return rejected_.not_authenticated;
      case 403:
        return rejected_.disabled;
      case 404:
        return rejected_.not_found;
      case 405:
        return rejected_.method;
      case 408:
        return rejected_.timeout;
      case 413:
        return rejected_.too_large;
      case 422:
        return rejected_.key_reused;
      case 429:
        return rejected_.too_many;
      case 503:
        return rejected_.unavailable;
      default:
        return rejected_.other;
    }
  };
  counter(exchange.status).fetch_add(1, std::memory_order_relaxed);
}

// The process is alive and its IO threads answer.
Task<Response> Metrics::health() {
  co_return plain(200, fmt::format(R"({{"ok":true,"version":"{}"}})", version));
}

// Events are taken and runs are executed.
Task<Response> Metrics::readiness() {
  const Observed* observed = observed_;
  if (!ready_ || observed == nullptr) {
    co_return plain(503, R"({"ok":false,"reason":"starting or stopping"})");
  }
  if (!observed->store.health().writable) {
    co_return plain(503, R"({"ok":false,"reason":"the store takes no writes"})");
  }
  co_return plain(200, R"({"ok":true})");
}

Task<Response> Metrics::page() {
  MetricsPage page;
  page.metric("bellpull_info", "gauge", "The version that runs.");
  page.sample("bellpull_info", 1, fmt::format("version=\"{}\"", version));
  page.metric("bellpull_http_requests_total", "counter", "Answered requests by status class.");
  for (std::size_t i = 2; i < requests_.size(); ++i) {
    page.sample("bellpull_http_requests_total", requests_[i], fmt::format("class=\"{}xx\"", i));
  }
  page.single("bellpull_events_accepted_total", "counter", "Acknowledged events.",
              events_accepted_);
  page.metric("bellpull_events_rejected_total", "counter", "Refused events by cause.");
  const auto rejected = [&](std::string_view cause, const std::atomic<std::int64_t>& count) {
    page.sample("bellpull_events_rejected_total", count, fmt::format("cause=\"{}\"", cause));
  };
  rejected("bad_request", rejected_.bad_request);
  rejected("not_authenticated", rejected_.not_authenticated);
  rejected("disabled", rejected_.disabled);
  rejected("not_found", rejected_.not_found);
  rejected("method", rejected_.method);
  rejected("timeout", rejected_.timeout);
  rejected("too_large", rejected_.too_large);
  rejected("key_reused", rejected_.key_reused);
  rejected("too_many_requests", rejected_.too_many);
  rejected("store_unavailable", rejected_.unavailable);
  rejected("other", rejected_.other);

  if (const Observed* observed = observed_; observed != nullptr) {
    page.single("bellpull_events_repeated_total", "counter",
                "Acknowledged events that were kept already.", observed->event_route.repeats());
    page.single("bellpull_http_connections", "gauge", "Open connections.",
                static_cast<std::int64_t>(observed->server.connections()));
    add_store(page, observed->store.health());
    add_queue(page, co_await asio::co_spawn(observed->worker_executor, counts_of(&observed->queue),
                                            asio::use_awaitable));
    add_worker(page, observed->worker.counts());
    add_scheduler(page, observed->scheduler.counts());
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = page.take();
  co_return response;
}

}  // namespace bellpull
