#include "cli/column.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cli/display_text.h"
#include "cli/json_path.h"
#include "cli/status_words.h"

namespace bellpull::cli {

namespace {

ValueForm form_of(std::string_view path) {
  if (path.ends_with("At")) return ValueForm::time;
  if (path == "id" || path.ends_with("Id")) return ValueForm::id;
  if (path == "state") return ValueForm::state;
  return ValueForm::text;
}

// Lists of words read better without brackets and quotes.
std::string joined(const boost::json::array& words) {
  std::string text;
  for (const boost::json::value& word : words) {
    if (!word.is_string()) return boost::json::serialize(words);
    text += (text.empty() ? "" : ", ") + std::string{word.get_string()};
  }
  return text;
}

Cell shown_state(const std::string& state) {
  const StatusWord word = status_word(state);
  if (word.icon.empty()) return {printable(state)};
  return {fmt::format("{} {}", word.icon, word.word), word.hue};
}

Cell shown_time(const boost::json::object& item, const std::string& path, TimePoint now) {
  const auto time = time_at(item, path);
  return {time ? relative_time(*time, now) : printable(text_at(item, path))};
}

}  // namespace

Columns columns_for(const std::vector<std::string>& paths) {
  Columns columns;
  for (const std::string& path : paths) columns.push_back({path, path, form_of(path)});
  return columns;
}

Cell shown_cell(const Column& column, const boost::json::object& item, TimePoint now) {
  const auto number = number_at(item, column.path);
  switch (column.form) {
    case ValueForm::state:
      return shown_state(text_at(item, column.path));
    case ValueForm::time:
      return shown_time(item, column.path, now);
    case ValueForm::number:
      if (number) return {number_text(*number)};
      break;
    case ValueForm::bytes:
      if (number) return {bytes_text(*number)};
      break;
    case ValueForm::duration:
      if (number) return {duration_text(Duration{*number})};
      break;
    case ValueForm::yes_no: {
      const std::string value = text_at(item, column.path);
      return {value == "true" ? "yes" : value == "false" ? "no" : printable(value)};
    }
    case ValueForm::id:
    case ValueForm::text:
      break;
  }
  if (const auto words = array_at(item, column.path); !words.empty()) {
    return {printable(joined(words))};
  }
  return {printable(text_at(item, column.path))};
}

std::string plain_cell(const Column& column, const boost::json::object& item) {
  return escaped(text_at(item, column.path));
}

}  // namespace bellpull::cli
