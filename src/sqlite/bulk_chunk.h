// One chunk of a job over many events, inside the writer's transaction.
#pragma once

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

class WriteSession;

// Whether there is more to do. What it does and how far it has come are one commit.
bool run_bulk_chunk(WriteSession& session, BulkJobId job, TimePoint now);

}  // namespace bellpull
