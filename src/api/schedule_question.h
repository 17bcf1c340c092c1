// What a preview is asked: a trigger as it would be, were it changed or made as the body says.
//
// Built by what an update does to a trigger (trigger_timing.h), so the answer is what would happen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/change.h"
#include "api/field.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/trigger.h"

namespace bellpull {

class ScheduleQuestion {
 public:
  // Fails with `invalid`, all that is wrong but schedule and zone.
  static Result<ScheduleQuestion> read(const boost::json::object& body);
  static Schema schema();

  // The id or alias of the trigger that is asked about; may be empty.
  const std::string& trigger_name() const { return asked_.trigger; }

  // What can't be read in schedule and zone, each problem with its place; empty when all can.
  boost::json::array problems(const std::optional<Trigger>& kept) const;

  // The trigger as it would be from `now` on; only for one without problems. Fails with `invalid`
  // when its start and end contradict each other.
  Result<Trigger> answer(const std::optional<Trigger>& kept, TimePoint now) const;

  std::size_t count() const;
  const std::optional<TimePoint>& from() const { return asked_.from; }

 private:
  // As they are written; nothing when absent.
  struct Asked {
    std::optional<std::string> schedule;
    std::optional<std::string> timezone;
    std::optional<std::int64_t> count;
    std::optional<TimePoint> from;
    std::string trigger;
  };
  static const Fields<Asked>& fields();

  ScheduleQuestion(Asked asked, Change<Trigger> bounds);

  std::string schedule_of(const std::optional<Trigger>& kept) const;
  std::string timezone_of(const std::optional<Trigger>& kept) const;

  Asked asked_;
  Change<Trigger> bounds_;
};

}  // namespace bellpull
