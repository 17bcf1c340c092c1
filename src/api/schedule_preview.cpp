#include "api/schedule_preview.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/call.h"
#include "api/field_value.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schedule_question.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/trigger.h"
#include "http/method.h"
#include "http/response.h"
#include "schedule/fires.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 3> schedule_states{"active", "paused", "invalid"};

json::object fires_schema() {
  return array_schema(
      object_schema({{"at", described(time_schema(), "When it is due.")},
                     {"firesAt", described(or_null(time_schema()),
                                           "When it fires, which jitter delays; null where only "
                                           "a trigger that is made decides that.")},
                     {"local", described(text_schema(), "What the clock of the zone shows then.")},
                     {"offset", described(text_schema(), "Of that clock from UTC.")}}));
}

json::object problem_schema() {
  constexpr std::string_view fields[] = {"schedule", "timezone"};
  return object_schema(
      {{"field", described(choice_schema(fields), "Which of the two texts is wrong.")},
       {"position",
        described(whole_number_schema(), "Of the first wrong character, in characters from 0.")},
       {"length", described(whole_number_schema(), "In characters; 0 where one is missing.")},
       {"message", text_schema()},
       {"hint", or_null(text_schema())}});
}

Schema preview_schema() {
  return {
      "SchedulePreview",
      object_schema(
          {{"state", described(or_null(choice_schema(schedule_states)),
                               "Whether it would fire: a trigger may be paused, its schedule too, "
                               "or could not be read once. Null without a schedule.")},
           {"phrase", described(or_null(text_schema()),
                                "The schedule in words; null when it can't be read.")},
           {"fires", fires_schema()},
           {"anchor", described(or_null(time_schema()),
                                "What an interval word counts from: scheduleStartAt, or when the "
                                "trigger's schedule was set, or for a new one now. Else null.")},
           {"note",
            described(or_null(text_schema()),
                      "What is worth knowing: that it does not fire and what helps, that no "
                      "time is left, or where the clocks change between them.")},
           {"error", described(or_null(problem_schema()), "The first problem.")},
           {"problems", described(array_schema(problem_schema()), "All of them.")}})};
}

json::object refusal(json::array problems) {
  json::value first = problems.front();
  return {{"state", nullptr},
          {"phrase", nullptr},
          {"fires", json::array{}},
          {"anchor", nullptr},
          {"note", nullptr},
          {"error", std::move(first)},
          {"problems", std::move(problems)}};
}

// A trigger as it would be, and how its schedule is read.
struct Answer {
  Trigger trigger;
  Schedule schedule;
  TimeZone zone;
  Timetable timetable;
  TimePoint now;
  bool is_kept = false;  // only then the jitter of its occurrences is known
};

Result<Answer> read(Trigger trigger, bool is_kept, TimePoint now) {
  const auto schedule = Schedule::parse(trigger.schedule.value_or(""));
  if (!schedule) return std::unexpected(schedule.error());
  const auto zone = TimeZone::find(trigger.timezone.value_or(""));
  if (!zone) return std::unexpected(zone.error());
  const auto timetable = Timetable::of(trigger);
  if (!timetable) return std::unexpected(timetable.error());
  return Answer{std::move(trigger), *schedule, *zone, *timetable, now, is_kept};
}

// As of a trigger's `state` and `scheduleState`, in one.
json::value state_of(const Answer& answer) {
  if (answer.schedule.is_never()) return nullptr;
  const Trigger& trigger = answer.trigger;
  if (trigger.schedule_state == ScheduleState::invalid) return "invalid";
  const bool is_paused =
      trigger.state == TriggerState::paused || trigger.schedule_state == ScheduleState::paused;
  return is_paused ? "paused" : "active";
}

// Why it does not fire although it has times.
std::string halt_note(const Answer& answer) {
  const Trigger& trigger = answer.trigger;
  if (answer.schedule.is_never()) return {};
  if (trigger.schedule_state == ScheduleState::invalid) {
    return "It could not be read, and does not fire until it is set up again: POST .../setup";
  }
  constexpr std::string_view resume = "it does not fire until it is resumed: POST .../resume";
  if (trigger.state == TriggerState::paused)
    return fmt::format("The trigger is paused: {}", resume);
  if (trigger.schedule_state != ScheduleState::paused) return {};
  return fmt::format("The schedule is {}; {}", trigger.schedule_error.value_or("paused"), resume);
}

// Why there is no time after `from`.
std::string end_note(const Answer& answer, TimePoint from) {
  const auto only = answer.schedule.only_time(answer.zone);
  if (only && *only <= answer.now) return "Its time is past: it does not run again";
  const auto& end = answer.trigger.schedule_end_at;
  if (end && *end <= answer.now) return "Its scheduleEndAt is past: it does not run again";
  if (from > answer.now && answer.timetable.next_after(answer.now)) {
    return "No times after " + to_iso(from);
  }
  if (only && answer.trigger.schedule_start_at && *only < *answer.trigger.schedule_start_at) {
    return "No times: its only one is before its scheduleStartAt";
  }
  return end ? "No times before its scheduleEndAt, " + to_iso(*end)
             : "No times after " + to_iso(from);
}

std::string notes(const Answer& answer, TimePoint from, const std::vector<Fire>& fires) {
  std::string text = halt_note(answer);
  const bool has_ended = fires.empty() && !answer.schedule.is_never();
  const std::string other =
      has_ended ? end_note(answer, from) : clock_change_note(from, fires, answer.zone);
  if (other.empty()) return text;
  return text.empty() ? other : text + ". " + other;
}

// What is due already, but delayed by jitter, is still to come.
TimePoint first_after(const Answer& answer) {
  const Trigger& trigger = answer.trigger;
  const bool is_delayed = trigger.next_due_at && trigger.next_trigger_at > answer.now;
  return is_delayed ? std::min(answer.now, *trigger.next_due_at - Duration{1}) : answer.now;
}

json::object render(const Answer& answer, const ScheduleQuestion& question, const View& view) {
  const TimePoint from = question.from().value_or(first_after(answer));
  const Trigger& trigger = answer.trigger;
  const std::vector<Fire> fires = next_fires(answer.timetable, answer.zone, from, question.count());
  const bool knows_jitter = answer.is_kept || trigger.schedule_jitter.value_or(0) == 0;
  json::array shown;
  for (const Fire& fire : fires) {
    shown.emplace_back(
        json::object{{"at", view.time(fire.at)},
                     {"firesAt", knows_jitter ? view.time(fire.fires_at) : json::value(nullptr)},
                     {"local", local_text(fire.local)},
                     {"offset", offset_text(fire.offset)}});
  }
  json::value anchor = nullptr;
  if (answer.schedule.is_interval()) {
    anchor = view.time(trigger.schedule_start_at.value_or(trigger.schedule_anchor));
  }
  return {{"state", state_of(answer)},
          {"phrase", answer.schedule.phrase(answer.zone, trigger.schedule_start_at)},
          {"fires", std::move(shown)},
          {"anchor", std::move(anchor)},
          {"note", text_or_null(notes(answer, from, fires))},
          {"error", nullptr},
          {"problems", json::array{}}};
}

}  // namespace

void SchedulePreview::add_routes(Routes& routes) {
  routes
      .add(Method::post, "/integration/trigger/schedule/preview", Scope::read,
           [this](Call call) { return preview(std::move(call)); })
      .describe({.summary = "Shows what a schedule would do",
                 .takes = ScheduleQuestion::schema(),
                 .gives = preview_schema(),
                 .about = "Nothing is changed. A schedule or zone that can't be read is no error "
                          "of the request: the reply says what is wrong, and where."});
}

Task<Response> SchedulePreview::preview(Call call) {
  const Result<ScheduleQuestion> question = ScheduleQuestion::read(call.body);
  if (!question) co_return call.reply(question.error());
  std::optional<Trigger> kept;
  if (!question->trigger_name().empty()) {
    Result<Trigger> found = co_await store_.read([&](const Transaction& rows) {
      return find_own<Trigger>(rows, call.caller.account, question->trigger_name());
    });
    if (!found) {
      co_return call.reply(names_field(found.error(), "triggerId", question->trigger_name()));
    }
    kept = *std::move(found);
  }
  json::array problems = question->problems(kept);
  if (!problems.empty()) co_return call.reply(refusal(std::move(problems)));
  const TimePoint now = clock_.now();
  Result<Trigger> trigger = question->answer(kept, now);
  if (!trigger) co_return call.reply(trigger.error());
  const Result<Answer> answer = read(*std::move(trigger), kept.has_value(), now);
  if (!answer) co_return call.reply(answer.error());
  co_return call.reply(render(*answer, *question, call.view));
}

}  // namespace bellpull
