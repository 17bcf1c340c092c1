// Work that is too long for one commit, done in chunks between other commits and over restarts.
//
// Each chunk is one task of the writer's background; it changes a bounded number of rows and notes
// its progress in the same commit, and small jobs share one. Accounts take turns, chunk by chunk;
// an account's jobs are done oldest first, but for merges while the index file is far behind.
// Threads: the writer's.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/log.h"
#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/writer.h"

namespace bellpull {

class Jobs final : public WriteTask {
 public:
  Jobs(Writer& writer, const Clock& clock, Log& log);

  // There may be a job; called on the writer's thread, or before it starts.
  void wake();
  // The index file has followed what changed: goes on with what waited for that. The writer's
  // thread.
  void index_followed();
  // After a commit: goes on with what a refusing store put off. Cheap when there is nothing.
  void committed();
  // What is left waits for the next start. Any thread.
  void stop() { stopped_ = true; }

  void run(WriteSession& session) override;
  void done(std::exception_ptr failure) override;

 private:
  // Whether a job was there and is done.
  enum class Ended : std::uint8_t { no, yes };
  Ended run_next(WriteSession& session);

  Writer& writer_;
  const Clock& clock_;
  Log& log_;
  AccountKey last_served_;
  bool submitted_ = false;
  bool more_ = false;
  bool put_off_ = false;
  bool waits_for_index_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace bellpull
