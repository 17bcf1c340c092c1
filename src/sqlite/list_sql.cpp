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

namespace {

// A path of SQLite's JSON functions. Its keys are the caller's, so it goes in as a parameter.
std::string json_path(const std::vector<std::string>& path) {
  std::string text = "$";
  for (const std::string& key : path) {
    text += ".\"";
    // SQLite's paths have no escape for a quote: such a key matches nothing.
    for (const char c : key) text += c == '"' ? '\1' : c;
    text += '"';
  }
  return text;
}

}  // namespace

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

void Conditions::add_meta(std::span<const MetaFilter> filters, std::string_view column) {
  for (const MetaFilter& filter : filters) {
    const std::string json{column};
    // The second form makes "true" and "false" match the booleans, which SQL reads as 1 and 0.
    conditions_.push_back("? = case json_type(" + json +
                          ", ?) when 'true' then 'true' when 'false' " +
                          "then 'false' else cast(json_extract(" + json + ", ?) as text) end");
    const std::string path = json_path(filter.path);
    values_.emplace_back(filter.value);
    values_.emplace_back(path);
    values_.emplace_back(path);
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
