// A run as the rows of its timeline (dashboard-and-cli.md 3.3, 5.2), made from its event and its
// steps as the API gives them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "cli/status_words.h"

namespace bellpull::cli {

struct TimelineRow {
  TimePoint at;      // when it began
  std::string kind;  // event, model, tool, bot, note
  std::string text;  // one line, not yet made printable
  std::optional<Duration> took;
  bool has_failed = false;
};

class RunTimeline {
 public:
  // The event as `event/inbox` gives it.
  explicit RunTimeline(boost::json::object event);

  const boost::json::object& event() const { return event_; }
  // "order_12345", or that the run has a session of its own.
  std::string title() const;
  TimelineRow event_row() const;
  // None for a step that only matters together with a later one. Steps come in their order.
  std::vector<TimelineRow> rows_of(const boost::json::object& step);
  // "Succeeded in 4.2s · 2 model calls · ..." from the run as `run` gives it.
  std::string summary(const boost::json::object& run) const;

 private:
  std::vector<TimelineRow> model_rows(const boost::json::object& data, TimePoint recorded) const;
  TimelineRow tool_row(const boost::json::object& step, TimePoint recorded);
  TimelineRow resolved_row(const boost::json::object& data, TimePoint recorded) const;

  boost::json::object event_;
  TimePoint received_at_;
  std::map<std::int64_t, boost::json::object> intents_;  // calls under way, by number of their step
  // Names of calls whose outcome nobody knew, by number of their result.
  std::map<std::int64_t, std::string> unknown_;
  std::int64_t failed_tools_ = 0;
};

// "+4.203": seconds since the event was received.
std::string offset_text(TimePoint at, TimePoint received_at);

// The sign of a row's kind; a failed one has another.
std::string_view icon_of(const TimelineRow& row);
Hue hue_of(const TimelineRow& row);

}  // namespace bellpull::cli
