// What a schedule would do, before it is set: in words, its next times, or what is wrong in it.
// By the scheduler's own timetable, so what is shown is what happens.
//
// Lifetime: like the Store and the Clock. Threads: any.
#pragma once

#include "api/call.h"
#include "api/routes.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"
#include "store/store.h"

namespace bellpull {

class SchedulePreview {
 public:
  SchedulePreview(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  void add_routes(Routes& routes);

 private:
  Task<Response> preview(Call call);

  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
