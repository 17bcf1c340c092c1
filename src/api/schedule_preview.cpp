#include "api/schedule_preview.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/routes.h"
#include "api/rows.h"
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
#include "schedule/problem.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t usual_count = 5;
constexpr std::int64_t max_count = 100;

struct Asked {
  std::string schedule;
  std::string timezone;
  std::optional<std::int64_t> count;
  std::optional<TimePoint> from;
  std::string trigger;
};

const Fields<Asked>& asked_fields() {
  // Texts are taken as they are, blanks included: positions of problems refer to them. How long a
  // schedule may be is the parser's to say.
  static const Fields<Asked> fields{
      text("schedule", &Asked::schedule)
          .means("As of a trigger. Absent: that of the trigger; null or \"\": none."),
      text("timezone", &Asked::timezone)
          .means("The IANA zone. Absent: that of the trigger; null or \"\": UTC."),
      optional_integer("count", &Asked::count, 1, max_count).means("How many times; null: 5."),
      optional_time("from", &Asked::from).means("Those after this instant; null: after now."),
      text("triggerId", &Asked::trigger,
           {.kind = ValueKind::reference, .max_bytes = max_reference_bytes})
          .means("A trigger by id or alias, whose schedule and anchor count."),
  };
  return fields;
}

json::object fires_schema() {
  return array_schema(
      object_schema({{"at", time_schema()},
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
          {{"phrase", described(or_null(text_schema()),
                                "The schedule in words; null when it can't be read.")},
           {"fires", fires_schema()},
           {"anchor", described(or_null(time_schema()),
                                "What an interval word counts from: when the trigger's schedule "
                                "was set, or for a new one now. Else null.")},
           {"note", described(or_null(text_schema()),
                              "Where the clocks change between the times, or that none is left.")},
           {"error", described(or_null(problem_schema()), "The first problem.")},
           {"problems", described(array_schema(problem_schema()), "All of them.")}})};
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object render(std::string_view field, const std::string& text,
                    const ScheduleProblem& problem) {
  const std::string_view whole = text;
  return {{"field", field},
          {"position", characters(whole.substr(0, problem.position))},
          {"length", characters(whole.substr(problem.position, problem.length))},
          {"message", problem.message},
          {"hint", text_or_null(problem.hint)}};
}

// What is asked, with what the trigger adds to it.
struct Question {
  std::string schedule;
  std::string timezone;
  TimePoint from;
  TimePoint anchor;
  std::size_t count = 0;
};

Question question_of(const Asked& asked, const json::object& body,
                     const std::optional<Trigger>& trigger, TimePoint now) {
  Question question{.schedule = asked.schedule,
                    .timezone = asked.timezone,
                    .from = asked.from.value_or(now),
                    .anchor = now,
                    .count = static_cast<std::size_t>(asked.count.value_or(usual_count))};
  if (!trigger) return question;
  const std::string schedule = trigger->schedule.value_or("");
  const std::string timezone = trigger->timezone.value_or("");
  if (!body.contains("schedule")) question.schedule = schedule;
  if (!body.contains("timezone")) question.timezone = timezone;
  // A change starts the count anew.
  if (question.schedule == schedule && question.timezone == timezone) {
    question.anchor = trigger->schedule_anchor;
  }
  return question;
}

json::array problems_of(const Question& question,
                        const std::expected<Schedule, ScheduleProblems>& schedule,
                        const Result<TimeZone>& zone) {
  json::array problems;
  if (!schedule) {
    for (const ScheduleProblem& problem : schedule.error()) {
      problems.emplace_back(render("schedule", question.schedule, problem));
    }
  }
  if (!zone) {
    const ScheduleProblem problem{.position = 0,
                                  .length = question.timezone.size(),
                                  .message = zone.error().message,
                                  .hint = zone.error().hint};
    problems.emplace_back(render("timezone", question.timezone, problem));
  }
  return problems;
}

json::object refusal(json::array problems) {
  json::value first = problems.front();
  return {{"phrase", nullptr}, {"fires", json::array{}},    {"anchor", nullptr},
          {"note", nullptr},   {"error", std::move(first)}, {"problems", std::move(problems)}};
}

json::object answer_to(const Question& question, const View& view) {
  const bool is_blank = question.schedule.find_first_not_of(" \t\r\n") == std::string::npos;
  const auto schedule = Schedule::read(is_blank ? "" : std::string_view{question.schedule});
  const Result<TimeZone> zone = TimeZone::find(question.timezone);
  if (!schedule || !zone) return refusal(problems_of(question, schedule, zone));

  const std::vector<Fire> fires =
      next_fires(*schedule, *zone, question.from, question.anchor, question.count);
  json::array shown;
  for (const Fire& fire : fires) {
    shown.emplace_back(json::object{{"at", view.time(fire.at)},
                                    {"local", local_text(fire.local)},
                                    {"offset", offset_text(fire.offset)}});
  }
  std::string note = clock_change_note(fires, *zone);
  if (fires.empty() && !schedule->is_never()) note = "Its time is past: it does not run again";
  json::value anchor = nullptr;
  if (schedule->is_interval()) anchor = view.time(question.anchor);
  return {{"phrase", schedule->phrase(*zone)},
          {"fires", std::move(shown)},
          {"anchor", std::move(anchor)},
          {"note", text_or_null(note)},
          {"error", nullptr},
          {"problems", json::array{}}};
}

}  // namespace

void SchedulePreview::add_routes(Routes& routes) {
  routes
      .add(Method::post, "/integration/trigger/schedule/preview", Scope::read,
           [this](Call call) { return preview(std::move(call)); })
      .describe({.summary = "Shows what a schedule would do",
                 .takes = body_schema("SchedulePreviewRequest", asked_fields(), Verb::create),
                 .gives = preview_schema(),
                 .about = "Nothing is changed. A schedule or zone that can't be read is no error "
                          "of the request: the reply says what is wrong, and where."});
}

Task<Response> SchedulePreview::preview(Call call) {
  const Result<Asked> asked = read_body(asked_fields(), call.body);
  if (!asked) co_return call.reply(asked.error());
  std::optional<Trigger> trigger;
  if (!asked->trigger.empty()) {
    Result<Trigger> found = co_await store_.read([&](const Transaction& rows) {
      return find_own<Trigger>(rows, call.caller.account, asked->trigger);
    });
    if (!found) co_return call.reply(names_field(found.error(), "triggerId", asked->trigger));
    trigger = *std::move(found);
  } else if (!call.body.contains("schedule")) {
    co_return call.reply(
        Error{ErrorCode::invalid, "schedule is required", "or name a trigger: triggerId"});
  }
  const Question question = question_of(*asked, call.body, trigger, clock_.now());
  co_return call.reply(answer_to(question, call.view));
}

}  // namespace bellpull
