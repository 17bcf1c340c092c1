#include "agent/run_recorder.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/run.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

namespace this_coro = boost::asio::this_coro;

RunRecorder::RunRecorder(Store& store, const Clock& clock, Lease lease, std::int64_t last_step)
    : store_(store), clock_(clock), lease_(lease), next_(last_step + 1) {}

std::int64_t RunRecorder::add(NewStep step) {
  waiting_.push_back(std::move(step));
  return next_++;
}

void RunRecorder::count(const RunUsage& usage) {
  usage_.action_calls += usage.action_calls;
  usage_.model_calls.insert(usage_.model_calls.end(), usage.model_calls.begin(),
                            usage.model_calls.end());
}

std::vector<NewStep> RunRecorder::take_steps() { return std::exchange(waiting_, {}); }

Task<Result<OpenedRun>> RunRecorder::open(OpenRun open) {
  co_await this_coro::throw_if_cancelled(false);
  open.lease = lease_;
  open.now = clock_.now();
  ++next_;
  auto opened = co_await store_.open(std::move(open));
  co_await this_coro::throw_if_cancelled(true);
  co_return opened;
}

Task<Result<void>> RunRecorder::flush() {
  // Another call's result is being committed; its coroutine takes this one's along.
  if (flushing_) co_return Result<void>{};
  flushing_ = true;
  co_await this_coro::throw_if_cancelled(false);
  Result<void> recorded;
  while (recorded && !waiting_.empty()) {
    AppendSteps append{.lease = lease_, .now = clock_.now()};
    append.steps = take_steps();
    append.usage = std::exchange(usage_, {});
    recorded = co_await store_.append_steps(std::move(append));
  }
  flushing_ = false;
  co_await this_coro::throw_if_cancelled(true);
  co_return recorded;
}

Task<Result<void>> RunRecorder::finish(FinishRun finish) {
  co_await this_coro::throw_if_cancelled(false);
  finish.lease = lease_;
  finish.now = clock_.now();
  finish.steps = take_steps();
  finish.usage = std::exchange(usage_, {});
  auto finished = co_await store_.finish(std::move(finish));
  co_await this_coro::throw_if_cancelled(true);
  co_return finished;
}

}  // namespace bellpull
