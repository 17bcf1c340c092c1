// Removes idempotency keys whose time is over, those of events, those of calls with their answers
// and those of actions, so that each takes room for its lifetime only.
//
// A key is judged where it is used, so nobody waits for this. It looks after a start and after the
// first commit of each minute, and removes a bounded number of rows in one task of the writer's
// background, then as many more as there are. Without commits there are no new keys, either.
// Threads: the writer's.
#pragma once

#include <atomic>
#include <exception>

#include "base/log.h"
#include "base/time.h"
#include "sqlite/write_session.h"
#include "sqlite/writer.h"

namespace bellpull {

class ExpiredKeys final : public WriteTask {
 public:
  ExpiredKeys(Writer& writer, const Clock& clock, Log& log);

  // After a commit, or before the writer starts. Cheap when it is not time to look.
  void committed();
  // What is left waits for the next start. Any thread.
  void stop() { stopped_ = true; }

  void run(WriteSession& session) override;
  void done(std::exception_ptr failure) override;

 private:
  void submit();

  Writer& writer_;
  const Clock& clock_;
  Log& log_;
  SteadyTime look_at_;
  bool submitted_ = false;
  bool more_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace bellpull
