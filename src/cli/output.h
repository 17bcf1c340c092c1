// The two ways out: stdout carries the result and nothing else, stderr everything around it
// (dashboard-and-cli.md 5.2).
//
// A result is a table or a sheet on a terminal, tab-separated values in a pipe, JSON on request;
// commands say what is to be shown and never look which of them it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "cli/arguments.h"
#include "cli/column.h"
#include "cli/failure.h"
#include "cli/status_words.h"
#include "cli/surroundings.h"

namespace bellpull::cli {

enum class OutputForm : std::uint8_t { terminal, plain, json, json_lines, ids };

class Output {
 public:
  // Fails when the options contradict each other.
  static Outcome<Output> from(const Arguments& arguments, Surroundings& surroundings);

  OutputForm form() const { return form_; }
  bool is_json() const { return form_ == OutputForm::json || form_ == OutputForm::json_lines; }
  // On stderr, and only where a person can be expected to read it.
  void note(std::string_view text) const;
  void warn(std::string_view text) const;
  void report(const Failure& failure) const;

  // One object as the result; columns are what people and pipes see of it.
  void object(const Columns& columns, const boost::json::object& item) const;
  void table(const Columns& columns, std::span<const boost::json::object> items) const;
  void json(const boost::json::value& value) const;
  // One of many that follow each other in time: on a line of its own, flushed.
  void json_line(const boost::json::value& value) const;
  // Tab-separated, escaped.
  void plain_line(std::span<const std::string> values) const;
  // A finished line of the terminal form.
  void text(std::string_view text, Hue hue = Hue::plain) const;

  std::string painted(std::string_view text, Hue hue) const;
  std::size_t width() const;
  // False once nobody reads the result any more, as behind `| head`.
  bool is_read() const { return surroundings_->out.good(); }
  TimePoint now() const { return surroundings_->clock.now(); }
  // The paths of --fields; empty: what the command shows by itself.
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  explicit Output(Surroundings& surroundings) : surroundings_(&surroundings) {}
  std::vector<boost::json::object> projected(std::span<const boost::json::object> items) const;

  Surroundings* surroundings_;
  OutputForm form_ = OutputForm::plain;
  std::vector<std::string> fields_;
  bool has_color_ = false;
  bool has_header_ = true;
  bool is_wide_ = false;
};

// Before the arguments are understood: whether they ask for JSON, for the failure that says why
// not.
bool wants_json(std::span<const std::string> words);

}  // namespace bellpull::cli
