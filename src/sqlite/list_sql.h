// The where, order and limit of a list, as SQL text and its parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "store/list.h"

namespace bellpull {

// Conditions gathered for a where clause; values are always parameters, never text of the SQL.
class Conditions {
 public:
  using Value = std::variant<std::int64_t, std::string>;

  void add(std::string condition) { conditions_.push_back(std::move(condition)); }
  void add(std::string condition, Value value);
  void add_filters(std::span<const Filter> filters, std::span<const FilterColumn> columns);
  void add_ids(std::span<const std::int64_t> ids, std::string_view id_column);
  // Only rows after the page's cursor.
  void add_page(const Page& page, std::string_view id_column);

  std::string where() const;
  void bind(Statement& statement) const;

 private:
  std::vector<std::string> conditions_;
  std::vector<Value> values_;
};

// Rows that one look at a list passes at most: some milliseconds of a snapshot.
inline constexpr std::int64_t look_rows = 1000;

// A stretch of the list's order: what lies in it is checked against the query.
struct Stretch {
  Conditions rows;
  std::optional<std::int64_t> passed;  // as in PagePart
};

std::string order_by(const Page& page, std::string_view id_column);
std::string order_and_limit(const Page& page, std::string_view id_column);

}  // namespace bellpull
