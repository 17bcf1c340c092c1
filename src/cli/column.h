// What a list or an object shows: one column is one value of each item, and how it reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "cli/status_words.h"

namespace bellpull::cli {

enum class ValueForm : std::uint8_t { text, id, state, time, number, bytes, duration, yes_no };

// Optional columns are the first to go when a terminal is too narrow.
enum class Presence : std::uint8_t { always, optional };

struct Column {
  std::string title;
  std::string path;  // "contact.email"
  ValueForm form = ValueForm::text;
  Presence presence = Presence::always;
};
using Columns = std::vector<Column>;

// Columns for paths that a person asked for: the form is guessed from the name.
Columns columns_for(const std::vector<std::string>& paths);

struct Cell {
  std::string text;
  Hue hue = Hue::plain;
};

// For people: icons, relative times, one printable line.
Cell shown_cell(const Column& column, const boost::json::object& item, TimePoint now);
// For programs: whole ids, ISO 8601 times, plain numbers; escaped for a tab-separated line.
std::string plain_cell(const Column& column, const boost::json::object& item);

}  // namespace bellpull::cli
