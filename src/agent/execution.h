// One attempt at one run, from its claim to its last commit.
//
// The attempt goes round: make the open calls of the last answer, see whether they settle the run,
// ask the model again. It begins with what earlier attempts recorded, so a resumed attempt enters
// the round in the middle.
//
// How an attempt ends: with an ended state; as `retrying` after a failure that another attempt may
// cure; as `queued` when the server stops. A lease that is lost or a store that takes no writes
// ends it without a word: another attempt will go on from the journal.
//
// Threads: the worker's executor only.
#pragma once

#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>

#include "action/action.h"
#include "agent/call_group.h"
#include "agent/exchange.h"
#include "agent/journal.h"
#include "agent/model_asking.h"
#include "agent/outside.h"
#include "agent/run_limits.h"
#include "agent/run_plans.h"
#include "agent/run_recorder.h"
#include "agent/settling.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/run.h"
#include "llm/provider.h"
#include "queue/retry.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

// What every execution uses; all outlive it.
struct ExecutionServices {
  Store& store;
  const Clock& clock;
  Random& random;
  RunPlans& plans;
  Log& log;
  RunLimits limits;
  RetryPolicy retry;
  Outside& outside;
};

// Why an execution is stopped from outside.
enum class Interruption : std::uint8_t {
  none,
  dropped,  // the run was canceled or leased again: nothing more is recorded
  cut_off,  // the server stops: the run is handed back
  overdue,  // the run's wall time is over, and something did not keep its deadline
};

class Execution {
 public:
  Execution(const ExecutionServices& services, ClaimedRun claimed);

  // Gives the state that the attempt left the run in, or nothing when it recorded none.
  Task<std::optional<RunState>> run();

  // Reaches the I/O that the execution waits for. Only the first interruption counts.
  void interrupt(Interruption why);

  SteadyTime deadline() const { return deadline_; }

 private:
  // An error is `lease_lost`: nothing was recorded.
  using Ended = Result<RunState>;

  Task<Ended> attempt();
  // Meets the conversation, or what earlier attempts recorded there, and builds the context.
  Task<Result<void>> begin(RecordedRun recorded);
  Task<Result<std::int64_t>> meet(RecordedRun* recorded);

  // Goes round until the run ends.
  Task<Ended> go_round();
  // Makes the open calls of the last answer and sees what it comes to; nothing: ask again.
  Task<Result<std::optional<Ending>>> conclude_exchange();
  std::optional<Ending> bound() const;
  Task<AskedModel> ask();
  Task<Result<void>> make_calls(Exchange* exchange);
  void keep(const AskedModel& asked, Duration took);

  // Ends the run; calls that are in flight are given an unknown outcome.
  Task<Ended> end(Ending ending);
  Task<Ended> fail_attempt(Failure failure);
  Task<Ended> finish(FinishRun finish);
  // What is recorded of an attempt that was interrupted, or that threw.
  Task<Ended> conclude_broken(std::exception_ptr failure);
  Task<Ended> hand_back();
  // The run waits for a time, or for something before; then the open calls are made again.
  Task<Ended> wait_until(TimePoint time);

  // Constant after construction.
  const ExecutionServices& services_;
  const SteadyTime deadline_;  // of this attempt

  ClaimedRun claimed_;
  Event event_;  // given up once the context is built
  SharedPlan plan_;
  CallContext context_;  // of the run's calls
  std::string run_key_;
  RunRecorder recorder_;
  CallGroup calls_;
  bool opened_ = false;
  RunSpent spent_;
  std::vector<Turn> turns_;
  std::unique_ptr<Exchange> exchange_;  // the last answer, until its turns are added

  Interruption interruption_ = Interruption::none;
  boost::asio::cancellation_signal cancel_;
};

}  // namespace bellpull
