#include "api/schedule_question.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/schedule_fields.h"
#include "api/schema.h"
#include "api/trigger_timing.h"
#include "api/view.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/problem.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t usual_count = 5;
constexpr std::int64_t max_count = 100;

json::object render(std::string_view field, std::string_view text, const ScheduleProblem& problem) {
  return {{"field", field},
          {"position", characters(text.substr(0, problem.position))},
          {"length", characters(text.substr(problem.position, problem.length))},
          {"message", problem.message},
          {"hint", text_or_null(problem.hint)}};
}

// Where the text begins that a trigger would keep.
std::size_t blanks_before(std::string_view text) {
  const std::string_view kept = trimmed(text);
  return kept.empty() ? 0 : static_cast<std::size_t>(kept.data() - text.data());
}

std::optional<std::string> kept_form(std::string_view text) {
  const std::string_view kept = trimmed(text);
  return kept.empty() ? std::nullopt : std::optional{std::string{kept}};
}

// A text whose blanks and absence both count.
Result<std::optional<std::string>> read_written(std::string_view name, const FieldShape& shape,
                                                const json::value& given) {
  auto text = read_text(name, shape, given);
  if (!text) return std::unexpected(std::move(text.error()));
  return std::optional{*std::move(text)};
}

}  // namespace

const Fields<ScheduleQuestion::Asked>& ScheduleQuestion::fields() {
  // How long a schedule may be is the parser's to say, which says it with the place.
  static const Fields<Asked> fields{
      member_field("schedule", FieldShape{.nullable = true}, &Asked::schedule, read_written,
                   write_optional_text)
          .means("As of a trigger. Absent: that of the trigger; null or \"\": none."),
      member_field("timezone", FieldShape{.nullable = true}, &Asked::timezone, read_written,
                   write_optional_text)
          .means("The IANA zone. Absent: that of the trigger; null or \"\": UTC."),
      optional_integer("count", &Asked::count, 1, max_count).means("How many times; null: 5."),
      optional_time("from", &Asked::from).means("Those after this instant; null: after now."),
      text("triggerId", &Asked::trigger,
           {.kind = ValueKind::reference, .max_bytes = max_reference_bytes})
          .means("A trigger by id or alias; what is absent is as it is there."),
  };
  return fields;
}

Schema ScheduleQuestion::schema() {
  Schema schema = body_schema("SchedulePreviewRequest", fields(), Verb::create);
  const Schema bounds = body_schema("", bound_fields(), Verb::update);
  for (const auto& [name, value] : bounds.schema.at("properties").as_object()) {
    schema.schema["properties"].as_object()[name] = value;
  }
  return schema;
}

ScheduleQuestion::ScheduleQuestion(Asked asked, Change<Trigger> bounds)
    : asked_(std::move(asked)), bounds_(std::move(bounds)) {}

Result<ScheduleQuestion> ScheduleQuestion::read(const json::object& body) {
  Problems problems;
  const auto change = Change<Asked>::read(fields(), body, Verb::create, problems);
  auto bounds = Change<Trigger>::read(bound_fields(), body, Verb::update, problems);
  Asked asked;
  change.apply(asked, Edit{}, problems);
  if (!problems.empty()) return std::unexpected(problems.error());
  if (!asked.schedule && asked.trigger.empty()) {
    return fail(ErrorCode::invalid, "schedule is required", "or name a trigger: triggerId");
  }
  return ScheduleQuestion{std::move(asked), std::move(bounds)};
}

std::size_t ScheduleQuestion::count() const {
  return static_cast<std::size_t>(asked_.count.value_or(usual_count));
}

std::string ScheduleQuestion::schedule_of(const std::optional<Trigger>& kept) const {
  if (asked_.schedule) return *asked_.schedule;
  return kept ? kept->schedule.value_or("") : "";
}

std::string ScheduleQuestion::timezone_of(const std::optional<Trigger>& kept) const {
  if (asked_.timezone) return *asked_.timezone;
  return kept ? kept->timezone.value_or("") : "";
}

json::array ScheduleQuestion::problems(const std::optional<Trigger>& kept) const {
  json::array problems;
  const std::string text = schedule_of(kept);
  const bool is_too_long = text.size() > Schedule::max_bytes;  // blanks included, as in a trigger
  const std::size_t before = is_too_long ? 0 : blanks_before(text);
  const auto schedule = Schedule::read(is_too_long ? std::string_view{text} : trimmed(text));
  if (!schedule) {
    for (ScheduleProblem problem : schedule.error()) {
      problem.position += before;
      problems.emplace_back(render("schedule", text, problem));
    }
  }
  const std::string name = timezone_of(kept);
  if (const auto zone = TimeZone::find(trimmed(name)); !zone) {
    const ScheduleProblem problem{.position = blanks_before(name),
                                  .length = trimmed(name).size(),
                                  .message = zone.error().message,
                                  .hint = zone.error().hint};
    problems.emplace_back(render("timezone", name, problem));
  }
  return problems;
}

Result<Trigger> ScheduleQuestion::answer(const std::optional<Trigger>& kept, TimePoint now) const {
  Trigger before;
  before.schedule_anchor = now;
  if (kept) before = *kept;
  Trigger after = before;
  after.schedule = kept_form(schedule_of(kept));
  after.timezone = kept_form(timezone_of(kept));
  if (auto applied = bounds_.apply(after, Edit{}); !applied) {
    return std::unexpected(applied.error());
  }
  if (auto scheduled = reschedule(before, after, now); !scheduled) {
    return std::unexpected(scheduled.error());
  }
  return after;
}

}  // namespace bellpull
