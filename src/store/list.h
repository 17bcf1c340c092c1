// What every list takes: whose rows, which of them, and one page of them in creation order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/ids.h"

namespace bellpull {

enum class Order : std::uint8_t { ascending, descending };

inline constexpr std::int64_t max_page = 100;
// A page ends with the row that brings it to so many bytes, so that what a list holds in memory
// does not grow with its rows. Each page has a row at least.
inline constexpr std::size_t max_page_bytes = std::size_t{4} * 1024 * 1024;

// `after` is the creation number of the last row seen, exclusive; 0 starts at the order's
// beginning.
struct Page {
  std::int64_t after = 0;
  std::int64_t take = max_page;
  Order order = Order::descending;
  std::size_t bytes = max_page_bytes;
};

// Equality with any of the values: a row's number, or a text. The stores know the fields that each
// kind of row can be filtered by; another field is a bug.
struct Filter {
  std::string field;
  std::vector<std::variant<std::int64_t, std::string>> any_of;
};

// Equality of the value at a path of `meta`, compared as meta_text() has it: "true" matches true,
// "7" matches 7. Paths are of one to max_meta_depth keys.
struct MetaFilter {
  std::vector<std::string> path;
  std::string value;
};

struct ListQuery {
  AccountKey account;
  Page page;
  std::vector<Filter> filters;
  std::vector<MetaFilter> meta;
};

// What one look at the rows gives of a page. A look ends early when it has passed many rows without
// filling the page, so that no snapshot is held for long; the next one begins where it ended.
template <class Row>
struct PagePart {
  std::vector<Row> rows;
  // The creation number up to which rows were passed; nothing when no row is left.
  std::optional<std::int64_t> passed = std::nullopt;
  // Of the rows. Where they are all that the page may have, there may be more after the last row,
  // whatever `passed` says.
  std::size_t bytes = 0;
};

// One page of a list.
template <class Row>
struct PageRows : std::vector<Row> {
  bool is_cut = false;  // it ended with its bytes, so it may be short and not the last one
};

}  // namespace bellpull
