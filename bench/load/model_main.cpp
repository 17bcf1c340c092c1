// bench_model: a stand-in for a slow model. Prints its port, then what it is doing.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/App.hpp>
#include <CLI/CLI.hpp>  // IWYU pragma: keep
#include <CLI/Validators.hpp>
#include <fmt/core.h>

#include "slow_model.h"

namespace {

std::atomic<bool> interrupted = false;

int serve(int argc, char** argv) {
  CLI::App app{"A stand-in for a slow model on 127.0.0.1."};
  double delay_s = 30;
  app.add_option("--delay", delay_s, "seconds before each answer")->check(CLI::Range(0.0, 600.0));
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGTERM, [](int) { interrupted = true; });
  std::signal(SIGINT, [](int) { interrupted = true; });
  bellpull::SlowModel model{delay_s, interrupted};
  fmt::print("listening on {}\n", model.listen());
  std::fflush(stdout);
  model.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return serve(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_model: %s\n", failure.what());
    return 1;
  }
}
