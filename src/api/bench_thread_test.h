// For tests that make calls by hand: the executor of the fixture's bench, on a thread of its own.
#pragma once

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "action/ability_bench.h"
#include "action/ability_gates.h"
#include "action/action_set.h"
#include "base/time.h"
#include "support/no_references.h"

namespace bellpull {

class BenchThread {
 public:
  // The bench's executor is `work`.
  BenchThread(boost::asio::io_context& work, AbilityBench& bench, const Clock& clock)
      : work_(work), bench_(bench), guard_(work.get_executor()), thread_([this] { work_.run(); }) {
    bench_.use({actions, references_, gates_, clock});
  }
  // Calls that still run are cut off.
  // NOLINTNEXTLINE(bugprone-exception-escape): then the test fails
  ~BenchThread() {
    close();
    boost::asio::co_spawn(work_, bench_.join(), boost::asio::use_future).get();
    guard_.reset();
    thread_.join();
  }
  BenchThread(const BenchThread&) = delete;
  BenchThread& operator=(const BenchThread&) = delete;

  // As a server that stops does.
  void close() {
    boost::asio::post(work_, [this] { bench_.close(Duration{0}); });
  }

  ActionSet actions;  // add to it before the first call

 private:
  boost::asio::io_context& work_;
  AbilityBench& bench_;
  NoReferences references_;
  AbilityGates gates_{0};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::thread thread_;
};

}  // namespace bellpull
