#include "sqlite/run_log.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/log_table.h"
#include "store/run_records.h"

namespace bellpull {

RunLog::RunLog(Database& database, LogTable& log)
    : log_(log), trigger_tag_(database, "select tag from triggers where id = ?1") {}

LogId RunLog::open(const Event& event, const OpenRun& open, const OpenedRun& opened, Made made) {
  LogItem item{.account = event.account,
               .type = "integration.trigger.event",
               .about = {.trigger = open.trigger,
                         .bot = open.bot,
                         .blueprint = open.blueprint,
                         .conversation = opened.conversation},
               .run = open.lease.run,
               .created_at = open.now};
  if (opened.contact) item.about.contact = opened.contact->id;
  log_.add(item);
  const auto add_made = [&](std::string_view type) {
    LogItem one{.account = item.account,
                .type = std::string{type},
                .run = item.run,
                .created_at = item.created_at};
    log_.add_to(item.id, one);
  };
  if (made.contact) add_made("contact.create");
  if (made.conversation) add_made("conversation.create");
  return item.id;
}

// A run that never met its conversation has its first entry with the next one that it needs.
LogId RunLog::first_of(LoggedRun& logged, TimePoint now) {
  if (logged.first.value != 0) return logged.first;
  LogItem item{.account = logged.account,
               .type = "integration.trigger.event",
               .about = {.trigger = trigger_of(logged)},
               .run = logged.run,
               .created_at = now};
  log_.add(item);
  logged.first = item.id;
  return logged.first;
}

std::optional<TriggerId> RunLog::trigger_of(const LoggedRun& logged) {
  if (!trigger_tag_.with(logged.trigger.value).step()) return std::nullopt;
  const TriggerId id{logged.trigger, tag_from(trigger_tag_.view(0))};
  trigger_tag_.reset();
  return id;
}

void RunLog::add(LoggedRun& logged, LogItem& item) {
  if (log_.add_to(first_of(logged, item.created_at), item)) return;
  item.about.trigger = trigger_of(logged);
  log_.add(item);
}

void RunLog::add_actions(LoggedRun& logged, std::span<const NewStep> steps, TimePoint now) {
  for (const NewStep& step : steps) {
    if (!step.action) continue;
    LogItem item{.account = logged.account,
                 .type = "action." + step.action->name,
                 .about = {.skillset = step.action->skillset, .ability = step.action->ability},
                 .run = logged.run,
                 .meta = step.action->failed ? R"({"isError":true})" : "{}",
                 .created_at = now};
    add(logged, item);
  }
}

void RunLog::add_unknown(LoggedRun& logged, const StepId& result, TimePoint now) {
  LogItem item{.account = logged.account,
               .type = "run.unknown_outcome",
               .run = logged.run,
               .meta = boost::json::serialize(boost::json::object{{"stepId", result.text()}}),
               .created_at = now};
  add(logged, item);
}

void RunLog::end(LoggedRun& logged, RunState state, std::string_view reason, TimePoint now) {
  LogItem item{.account = logged.account, .run = logged.run, .created_at = now};
  if (state == RunState::succeeded) {
    item.type = "integration.trigger.interact";
  } else {
    item.type =
        state == RunState::canceled ? "integration.trigger.drop" : "integration.trigger.failure";
    boost::json::object meta{{"outcome", run_state_name(state)}};
    // The bot's own words stand in the run, which goes with its contact.
    if (state != RunState::failed && !reason.empty()) meta["reason"] = reason;
    item.meta = boost::json::serialize(meta);
  }
  add(logged, item);
}

}  // namespace bellpull
