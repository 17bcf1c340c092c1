// Where followed runs are written to, row after row as they happen.
//
// On a terminal each run has a heading, which is repeated when rows of another one came in between.
// In a pipe a row is time, run, kind, text, milliseconds; as JSON it is the API's own object:
// {"type": "event" | "step" | "run", "data": {...}}.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/output.h"
#include "cli/timeline.h"

namespace bellpull::cli {

class Tape {
 public:
  explicit Tape(const Output& output) : output_(output) {}

  void opened(const RunTimeline& timeline);
  void step(RunTimeline& timeline, const boost::json::object& step);
  void ended(const RunTimeline& timeline, const boost::json::object& run);

 private:
  void heading(const RunTimeline& timeline);
  void row(const RunTimeline& timeline, const TimelineRow& row);
  void raw(std::string_view type, const boost::json::object& data) const;

  const Output& output_;
  std::map<std::string, std::size_t> numbers_;  // of runs, in the order they were met
  std::string current_;                         // the run whose rows came last
};

}  // namespace bellpull::cli
