#include "api/system_info.h"

#include <chrono>
#include <utility>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"

namespace bellpull {

namespace json = boost::json;

namespace {

Schema info_schema() {
  const json::object number = whole_number_schema();
  return {"SystemInfo", object_schema({{"version", text_schema()},
                                       {"store", text_schema()},
                                       {"startedAt", time_schema()},
                                       {"uptimeMs", number},
                                       {"now", time_schema()},
                                       {"limits", object_schema({{"jsonBytes", number},
                                                                 {"eventBytes", number},
                                                                 {"fileBytes", number},
                                                                 {"pageItems", number}})}})};
}

}  // namespace

SystemInfo::SystemInfo(const Clock& clock, json::object facts)
    : clock_(clock),
      facts_(std::move(facts)),
      started_at_(clock.now()),
      started_(clock.steady_now()) {}

void SystemInfo::add_routes(Routes& routes) {
  routes.get("/system/info", [this](Call call) { return info(std::move(call)); })
      .describe({.summary = "What runs here: its version, since when, its store and its limits",
                 .gives = info_schema()});
}

Task<Response> SystemInfo::info(Call call) {
  json::object reply = facts_;
  reply["startedAt"] = call.view.time(started_at_);
  reply["uptimeMs"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - started_).count();
  reply["now"] = call.view.time(clock_.now());
  co_return call.reply(reply);
}

}  // namespace bellpull
