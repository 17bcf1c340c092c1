// What runs here: system/info, for dashboards and for reports of bugs.
//
// Threads: any; constant after construction.
#pragma once

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/routes.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"

namespace bellpull {

class SystemInfo {
 public:
  // `facts` are shown as they are, beside the times; `clock` outlives it.
  SystemInfo(const Clock& clock, boost::json::object facts);
  void add_routes(Routes& routes);

 private:
  Task<Response> info(Call call);

  const Clock& clock_;
  const boost::json::object facts_;
  const TimePoint started_at_;
  const SteadyTime started_;
};

}  // namespace bellpull
