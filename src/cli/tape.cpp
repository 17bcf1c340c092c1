#include "cli/tape.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cli/display_text.h"
#include "cli/json_path.h"
#include "cli/output.h"
#include "cli/status_words.h"
#include "cli/timeline.h"

namespace bellpull::cli {

namespace {

constexpr std::size_t offset_width = 9;
constexpr std::size_t kind_width = 6;
constexpr std::size_t took_width = 8;

std::string run_of(const RunTimeline& timeline) { return text_at(timeline.event(), "runId"); }

}  // namespace

void Tape::raw(std::string_view type, const boost::json::object& data) const {
  output_.json_line(boost::json::object{
      {"type", type}, {"data", output_.fields().empty() ? data : only(data, output_.fields())}});
}

void Tape::opened(const RunTimeline& timeline) {
  numbers_.try_emplace(run_of(timeline), numbers_.size() + 1);
  if (output_.is_json()) {
    raw("event", timeline.event());
  } else if (output_.form() == OutputForm::ids) {
    output_.text(text_at(timeline.event(), "id"));
  } else {
    row(timeline, timeline.event_row());
  }
}

void Tape::step(RunTimeline& timeline, const boost::json::object& step) {
  const auto rows = timeline.rows_of(step);
  if (output_.is_json()) raw("step", step);
  if (output_.is_json() || output_.form() == OutputForm::ids) return;
  for (const TimelineRow& one : rows) row(timeline, one);
}

void Tape::ended(const RunTimeline& timeline, const boost::json::object& run) {
  const std::string state = text_at(run, "state");
  if (output_.is_json()) {
    raw("run", run);
  } else if (output_.form() == OutputForm::plain) {
    output_.plain_line(std::array{text_at(run, "endedAt"), run_of(timeline), state,
                                  timeline.summary(run), std::string{}});
  } else if (output_.form() == OutputForm::terminal) {
    heading(timeline);
    const StatusWord word = status_word(state);
    const std::string line = fmt::format("{} {}", word.icon, printable(timeline.summary(run)));
    output_.text(line, word.hue);
    current_.clear();
  }
}

void Tape::heading(const RunTimeline& timeline) {
  const std::string run = run_of(timeline);
  if (run == current_) return;
  current_ = run;
  const std::string number = fmt::format("Run {}", numbers_[run]);
  const std::string rest =
      fmt::format("  {}  {}", printable(timeline.title()), text_at(timeline.event(), "id"));
  output_.text(output_.painted(number, Hue::bold) +
               cut(rest, output_.width() - std::min(output_.width(), number.size())));
}

void Tape::row(const RunTimeline& timeline, const TimelineRow& row) {
  if (output_.form() == OutputForm::plain) {
    output_.plain_line(std::array{to_iso(row.at), run_of(timeline), row.kind, row.text,
                                  row.took ? fmt::format("{}", row.took->count()) : ""});
    return;
  }
  heading(timeline);
  const TimePoint start = timeline.event_row().at;
  const std::string left = fmt::format("  {:<{}}", offset_text(row.at, start), offset_width);
  const std::string took = row.took ? duration_text(*row.took) : "";
  const std::size_t taken = left.size() + 2 + kind_width + 1 + (took.empty() ? 0 : 1 + took_width);
  const std::size_t room = output_.width() > taken ? output_.width() - taken : 20;
  const std::string text = cut(printable(row.text), room);
  std::string line = output_.painted(left, Hue::dim) + output_.painted(icon_of(row), hue_of(row)) +
                     " " + padded(row.kind, kind_width) + " ";
  line += took.empty() ? text : padded(text, room) + fmt::format(" {:>{}}", took, took_width);
  output_.text(line);
}

}  // namespace bellpull::cli
