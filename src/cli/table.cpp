#include "cli/table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/column.h"
#include "cli/display_text.h"
#include "cli/status_words.h"

namespace bellpull::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t min_text_width = 12;
// What an id must keep after its prefix, so that it can be told from others and typed again.
constexpr std::size_t min_id_digits = 14;
constexpr std::string_view ellipsis = "…";

// One column of the table, top to bottom.
struct Strip {
  const Column* column = nullptr;
  std::vector<Cell> cells;
  std::size_t width = 0;

  void measure(bool has_header) {
    width = has_header ? display_width(column->title) : 0;
    for (const Cell& cell : cells) width = std::max(width, display_width(cell.text));
  }
};

std::string shortened(const std::string& id, std::size_t digits) {
  const std::size_t prefix = id.find('_');
  if (prefix == std::string::npos || id.size() <= prefix + 1 + digits + 1) return id;
  return id.substr(0, prefix + 1 + digits) + std::string{ellipsis};
}

void shorten_ids(std::vector<Cell>& cells) {
  std::set<std::string> whole;
  for (const Cell& cell : cells) whole.insert(cell.text);
  for (std::size_t digits = min_id_digits; digits < 64; ++digits) {
    std::set<std::string> cut_ids;
    for (const std::string& id : whole) cut_ids.insert(shortened(id, digits));
    if (cut_ids.size() != whole.size()) continue;
    for (Cell& cell : cells) cell.text = shortened(cell.text, digits);
    return;
  }
}

std::size_t total_width(const std::vector<Strip>& strips) {
  return std::accumulate(
             strips.begin(), strips.end(), std::size_t{0},
             [](std::size_t sum, const Strip& strip) { return sum + strip.width + gap; }) -
         (strips.empty() ? 0 : gap);
}

// Optional columns without any value: nobody misses them.
void drop_empty(std::vector<Strip>& strips) {
  std::erase_if(strips, [](const Strip& strip) {
    return strip.column->presence == Presence::optional &&
           std::ranges::all_of(strip.cells, [](const Cell& cell) { return cell.text.empty(); });
  });
}

std::size_t drop_optional(std::vector<Strip>& strips, std::size_t width) {
  std::size_t dropped = 0;
  while (total_width(strips) > width) {
    const auto last = std::find_if(strips.rbegin(), strips.rend(), [](const Strip& strip) {
      return strip.column->presence == Presence::optional;
    });
    if (last == strips.rend()) break;
    strips.erase(std::next(last).base());
    ++dropped;
  }
  return dropped;
}

void cut_widest(std::vector<Strip>& strips, std::size_t width) {
  while (total_width(strips) > width) {
    Strip* widest = nullptr;
    for (Strip& strip : strips) {
      if (strip.column->form != ValueForm::text || strip.width <= min_text_width) continue;
      if (widest == nullptr || strip.width > widest->width) widest = &strip;
    }
    if (widest == nullptr) return;
    const std::size_t over = total_width(strips) - width;
    widest->width = std::max(min_text_width, widest->width - std::min(over, widest->width));
  }
}

std::string line_of(const std::vector<Strip>& strips, std::size_t row, const TableStyle& style) {
  std::string line;
  for (std::size_t i = 0; i < strips.size(); ++i) {
    const Strip& strip = strips[i];
    const Cell& cell = strip.cells[row];
    const std::string text = cut(cell.text, strip.width);
    const std::size_t room = strip.width - display_width(text);
    const bool is_right = strip.column->form == ValueForm::number ||
                          strip.column->form == ValueForm::bytes ||
                          strip.column->form == ValueForm::duration;
    if (is_right) line.append(room, ' ');
    line += style.has_color ? colored(text, cell.hue) : text;
    const bool is_last = i + 1 == strips.size();
    if (!is_right && !is_last) line.append(room, ' ');
    if (!is_last) line.append(gap, ' ');
  }
  return line + "\n";
}

// The titles as a row above the others.
std::string header_of(const std::vector<Strip>& strips, const TableStyle& style) {
  std::vector<Strip> titles = strips;
  for (Strip& strip : titles) strip.cells = {Cell{strip.column->title}};
  TableStyle plain = style;
  plain.has_color = false;
  std::string line = line_of(titles, 0, plain);
  line.pop_back();
  return (style.has_color ? colored(line, Hue::dim) : line) + "\n";
}

}  // namespace

Table make_table(const Columns& columns, std::span<const boost::json::object> items,
                 const TableStyle& style) {
  std::vector<Strip> strips;
  for (const Column& column : columns) {
    Strip strip{.column = &column, .cells = {}};
    for (const auto& item : items) strip.cells.push_back(shown_cell(column, item, style.now));
    if (column.form == ValueForm::id && style.width != 0) shorten_ids(strip.cells);
    strip.measure(style.has_header);
    strips.push_back(std::move(strip));
  }
  Table table;
  if (style.width != 0) {
    drop_empty(strips);
    table.dropped = drop_optional(strips, style.width);
    cut_widest(strips, style.width);
  }
  if (style.has_header) table.text += header_of(strips, style);
  for (std::size_t row = 0; row < items.size(); ++row) table.text += line_of(strips, row, style);
  return table;
}

std::string make_sheet(const Columns& columns, const boost::json::object& item,
                       const TableStyle& style) {
  std::size_t widest = 0;
  for (const Column& column : columns) widest = std::max(widest, display_width(column.title));
  std::string text;
  for (const Column& column : columns) {
    const Cell cell = shown_cell(column, item, style.now);
    if (cell.text.empty()) continue;
    const std::string title = padded(column.title, widest + gap);
    text += style.has_color ? colored(title, Hue::dim) : title;
    text += (style.has_color ? colored(cell.text, cell.hue) : cell.text) + "\n";
  }
  return text;
}

}  // namespace bellpull::cli
