#include "cli/output.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/column.h"
#include "cli/display_text.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/status_words.h"
#include "cli/surroundings.h"
#include "cli/table.h"

namespace bellpull::cli {

namespace {

constexpr std::size_t unlimited = 1'000'000;

std::vector<std::string> split_fields(std::string_view text) {
  std::vector<std::string> fields;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view field = text.substr(0, comma);
    while (field.starts_with(' ')) field.remove_prefix(1);
    while (field.ends_with(' ')) field.remove_suffix(1);
    if (!field.empty()) fields.emplace_back(field);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return fields;
}

Outcome<bool> color_wanted(const Arguments& arguments, const Surroundings& surroundings) {
  const std::string choice = arguments.text("--color");
  if (choice == "always") return true;
  if (!choice.empty() && choice != "auto" && choice != "never") {
    return usage_failure("--color is auto, always or never");
  }
  if (choice == "never" || arguments.has("--no-color")) return false;
  return surroundings.out_is_terminal && surroundings.variable("NO_COLOR").empty() &&
         surroundings.variable("TERM") != "dumb";
}

Outcome<OutputForm> form_wanted(const Arguments& arguments, const Surroundings& surroundings) {
  const bool json = arguments.has("--json");
  const bool lines = arguments.has("--jsonl");
  const bool ids = arguments.has("--quiet");
  if (static_cast<int>(json) + static_cast<int>(lines) + static_cast<int>(ids) > 1) {
    return usage_failure("--json, --jsonl and --quiet exclude each other");
  }
  if (json) return OutputForm::json;
  if (lines) return OutputForm::json_lines;
  if (ids) return OutputForm::ids;
  return surroundings.out_is_terminal ? OutputForm::terminal : OutputForm::plain;
}

}  // namespace

Outcome<Output> Output::from(const Arguments& arguments, Surroundings& surroundings) {
  const auto form = form_wanted(arguments, surroundings);
  if (!form) return std::unexpected(form.error());
  const auto color = color_wanted(arguments, surroundings);
  if (!color) return std::unexpected(color.error());

  Output output{surroundings};
  output.form_ = *form;
  output.has_color_ = *color;
  output.fields_ = split_fields(arguments.text("--fields"));
  output.has_header_ = !arguments.has("--no-header");
  output.is_wide_ = arguments.has("--wide");
  return output;
}

void Output::note(std::string_view text) const {
  if (form_ == OutputForm::terminal) surroundings_->err << printable(text) << "\n";
}

void Output::warn(std::string_view text) const {
  surroundings_->err << "warning: " << printable(text) << "\n";
}

void Output::report(const Failure& failure) const {
  // Whoever pressed Ctrl+C knows that; what was done until then may be news.
  if (is_interrupt(failure) && failure.hint.empty()) return;
  if (is_json()) json(failure_json(failure));
  const bool color = has_color_ && surroundings_->err_is_terminal;
  surroundings_->err << failure_text(failure, color ? Coloring::ansi : Coloring::none);
  surroundings_->err.flush();
}

std::vector<boost::json::object> Output::projected(
    std::span<const boost::json::object> items) const {
  std::vector<boost::json::object> kept;
  for (const auto& item : items) kept.push_back(fields_.empty() ? item : only(item, fields_));
  return kept;
}

void Output::object(const Columns& columns, const boost::json::object& item) const {
  const Columns& asked = fields_.empty() ? columns : columns_for(fields_);
  switch (form_) {
    case OutputForm::ids:
      surroundings_->out << text_at(item, "id") << "\n";
      break;
    case OutputForm::json:
    case OutputForm::json_lines:
      json(fields_.empty() ? item : only(item, fields_));
      break;
    case OutputForm::plain:
      for (const Column& column : asked) {
        if (has_header_ && fields_.empty()) surroundings_->out << column.path << '\t';
        surroundings_->out << plain_cell(column, item) << "\n";
      }
      break;
    case OutputForm::terminal:
      surroundings_->out << make_sheet(asked, item,
                                       {.width = width(), .has_color = has_color_, .now = now()});
      break;
  }
  surroundings_->out.flush();
}

void Output::table(const Columns& columns, std::span<const boost::json::object> items) const {
  const Columns& asked = fields_.empty() ? columns : columns_for(fields_);
  std::ostream& out = surroundings_->out;
  if (is_json()) {
    for (const auto& item : projected(items)) out << boost::json::serialize(item) << "\n";
  } else if (form_ == OutputForm::ids) {
    for (const auto& item : items) out << text_at(item, "id") << "\n";
  } else if (form_ == OutputForm::plain) {
    for (const auto& item : items) {
      for (std::size_t i = 0; i < asked.size(); ++i) {
        out << (i == 0 ? "" : "\t") << plain_cell(asked[i], item);
      }
      out << "\n";
    }
  } else if (!items.empty()) {
    const Table table = make_table(asked, items,
                                   {.width = is_wide_ ? 0 : width(),
                                    .has_color = has_color_,
                                    .has_header = has_header_,
                                    .now = now()});
    out << table.text;
    out.flush();
    if (table.dropped > 0) {
      note(fmt::format("+{}, use --wide",
                       counted(static_cast<std::int64_t>(table.dropped), "column")));
    }
  }
  out.flush();
}

void Output::json(const boost::json::value& value) const {
  const bool for_people = surroundings_->out_is_terminal && form_ == OutputForm::json;
  surroundings_->out << (for_people ? indented(value) : boost::json::serialize(value)) << "\n"
                     << std::flush;
}

void Output::json_line(const boost::json::value& value) const {
  surroundings_->out << boost::json::serialize(value) << "\n" << std::flush;
}

void Output::plain_line(std::span<const std::string> values) const {
  std::string line;
  for (std::size_t i = 0; i < values.size(); ++i) line += (i == 0 ? "" : "\t") + escaped(values[i]);
  surroundings_->out << line << "\n" << std::flush;
}

void Output::text(std::string_view text, Hue hue) const {
  surroundings_->out << painted(text, hue) << "\n" << std::flush;
}

std::string Output::painted(std::string_view text, Hue hue) const {
  return has_color_ ? colored(text, hue) : std::string{text};
}

std::size_t Output::width() const { return is_wide_ ? unlimited : surroundings_->columns; }

bool wants_json(std::span<const std::string> words) {
  return std::ranges::any_of(
      words, [](const std::string& word) { return word == "--json" || word == "--jsonl"; });
}

}  // namespace bellpull::cli
