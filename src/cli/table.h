// A list on a terminal: aligned, without lines, fitted to its width.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "cli/column.h"

namespace bellpull::cli {

struct TableStyle {
  std::size_t width = 80;  // 0: as wide as it gets
  bool has_color = false;
  bool has_header = true;
  TimePoint now;
};

struct Table {
  std::string text;
  std::size_t dropped = 0;  // optional columns that did not fit
};

// Ids are shortened as far as they stay unique within the list. When the rows are too wide, the
// right-most optional columns go first, then the widest text is cut.
Table make_table(const Columns& columns, std::span<const boost::json::object> items,
                 const TableStyle& style);

// A single object: one line a value, titles aligned; absent values are left out.
std::string make_sheet(const Columns& columns, const boost::json::object& item,
                       const TableStyle& style);

}  // namespace bellpull::cli
