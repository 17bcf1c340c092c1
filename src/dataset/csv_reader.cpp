#include "dataset/csv_reader.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

std::optional<std::vector<std::string>> CsvReader::next() {
  while (!rest_.empty()) {
    std::vector<std::string> row = read_row();
    if (is_too_wide_) break;
    if (std::ranges::any_of(row, [](const std::string& value) { return !value.empty(); })) {
      return row;
    }
  }
  return std::nullopt;
}

std::vector<std::string> CsvReader::read_row() {
  std::vector<std::string> row;
  while (true) {
    row.push_back(read_value());
    if (!rest_.starts_with(',')) break;
    is_too_wide_ = row.size() == max_csv_columns;
    if (is_too_wide_) return row;
    rest_.remove_prefix(1);
  }
  if (rest_.starts_with('\r')) rest_.remove_prefix(1);
  if (rest_.starts_with('\n')) rest_.remove_prefix(1);
  return row;
}

// What follows the end of a quoted value is part of it, as most readers have it.
std::string CsvReader::read_value() {
  std::string value;
  if (rest_.starts_with('"')) {
    rest_.remove_prefix(1);
    while (true) {
      const std::size_t quote = rest_.find('"');
      value += rest_.substr(0, quote);
      if (quote == std::string_view::npos) {
        is_well_formed_ = false;
        rest_ = {};
        return value;
      }
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) break;
      value += '"';
      rest_.remove_prefix(1);
    }
  }
  const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
  value += rest_.substr(0, end);
  rest_.remove_prefix(end);
  return value;
}

}  // namespace bellpull
