// bench_load: asks one server on this machine, and prints how it answered as one line of JSON.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/App.hpp>
#include <CLI/CLI.hpp>  // IWYU pragma: keep
#include <CLI/Validators.hpp>
#include <fmt/core.h>

#include "load.h"
#include "load_plan.h"

namespace {

std::atomic<bool> interrupted = false;

void add_options(CLI::App& app, bellpull::LoadPlan& plan) {
  app.add_option("--port", plan.port, "of the server on 127.0.0.1")->required();
  app.add_option("--path", plan.path)->required();
  app.add_option("--secret", plan.secret, "sent as a Bearer token");
  app.add_option("--connections", plan.connections)->check(CLI::Range(1, 16000));
  app.add_option("--seconds", plan.seconds)->check(CLI::Range(0.0, 36000.0));
  app.add_option("--count", plan.count, "stop after so many acknowledged requests");
  app.add_option("--rate", plan.rate, "requests a second; 0: as fast as they are answered");
  app.add_option("--bytes", plan.bytes, "of a body");
  app.add_option("--first", plan.first, "number of the first request");
  app.add_option("--sessions", plan.sessions, "so many connections are each a session");
  app.add_flag("--keys", plan.has_keys, "send an Idempotency-Key");
  app.add_flag("--repeat", plan.repeats, "send again what got no 200");
  app.add_option("--journal", plan.journal, "file: number, session, event id of each 200");
}

int send(int argc, char** argv) {
  CLI::App app{"Asks one server on this machine, and prints how it answered."};
  bellpull::LoadPlan plan;
  add_options(app, plan);
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGTERM, [](int) { interrupted = true; });
  std::signal(SIGINT, [](int) { interrupted = true; });
  bellpull::Load load{plan, interrupted};
  load.run();
  fmt::print("{}\n", load.report());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return send(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_load: %s\n", failure.what());
    return 1;
  }
}
