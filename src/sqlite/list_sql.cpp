#include "sqlite/list_sql.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "store/list.h"

namespace bellpull {

void Conditions::add(std::string condition, Value value) {
  conditions_.push_back(std::move(condition));
  values_.push_back(std::move(value));
}

void Conditions::add_filters(std::span<const Filter> filters,
                             std::span<const FilterColumn> columns) {
  for (const Filter& filter : filters) {
    const auto column = std::ranges::find(columns, filter.field, &FilterColumn::field);
    if (column == columns.end()) throw std::logic_error("no filter " + filter.field);
    std::string condition = std::string{column->column} + " in (";
    for (std::size_t i = 0; i < filter.any_of.size(); ++i) condition += i == 0 ? "?" : ", ?";
    conditions_.push_back(condition + ")");
    values_.insert(values_.end(), filter.any_of.begin(), filter.any_of.end());
  }
}

void Conditions::add_ids(std::span<const std::int64_t> ids, std::string_view id_column) {
  std::string condition = std::string{id_column} + " in (";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) condition += ", ";
    condition += std::to_string(ids[i]);
  }
  add(condition + ")");
}

void Conditions::add_page(const Page& page, std::string_view id_column) {
  if (page.after == 0) return;
  add(std::string{id_column} + (page.order == Order::descending ? " < ?" : " > ?"), page.after);
}

std::string Conditions::where() const {
  if (conditions_.empty()) return "";
  std::string text = " where ";
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    if (i > 0) text += " and ";
    text += conditions_[i];
  }
  return text;
}

void Conditions::bind(Statement& statement) const {
  int index = 0;
  for (const Value& value : values_) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      statement.bind(index, *number);
    } else {
      statement.bind(index, std::string_view{std::get<std::string>(value)});
    }
  }
}

std::string order_by(const Page& page, std::string_view id_column) {
  return " order by " + std::string{id_column} +
         (page.order == Order::descending ? " desc" : " asc");
}

std::string order_and_limit(const Page& page, std::string_view id_column) {
  const std::int64_t take = std::clamp<std::int64_t>(page.take, 1, max_page);
  return order_by(page, id_column) + " limit " + std::to_string(take);
}

}  // namespace bellpull
