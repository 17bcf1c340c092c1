// bench_model: a stand-in for a slow model. Prints its port, then what it is doing.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "slow_model.h"

namespace {

std::atomic<bool> interrupted = false;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A stand-in for a slow model on 127.0.0.1."};
  double delay_s = 30;
  app.add_option("--delay", delay_s, "seconds before each answer")->check(CLI::Range(0.0, 600.0));
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGTERM, [](int) { interrupted = true; });
  std::signal(SIGINT, [](int) { interrupted = true; });
  try {
    bellpull::SlowModel model{delay_s, interrupted};
    fmt::print("listening on {}\n", model.listen());
    std::fflush(stdout);
    model.run();
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "bench_model: {}\n", failure.what());
    return 1;
  }
}
