#include "sqlite/conversation_facets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/json_reader.h"
#include "domain/meta.h"
#include "sqlite/database.h"
#include "sqlite/index_reader.h"
#include "sqlite/meta_index.h"

namespace bellpull {

namespace {

constexpr std::array<std::string_view, 4> indexed_fields{"trigger", "bot", "contact", "task"};

void add_meta(Facets& facets, std::string_view text) {
  Facets values;
  visit_meta(parse_stored(text), [&](std::span<const std::string> path, const std::string& value) {
    values.add(meta_facet(path), value);
  });
  if (values.all.size() > max_indexed_values) {
    facets.add("crowded", "");
  } else {
    std::ranges::move(values.all, std::back_inserter(facets.all));
  }
}

}  // namespace

void Facets::add(std::string_view field, std::string_view value) {
  all.push_back({.name = facet_of(IndexedKind::conversation, field),
                 .value = std::string{indexed_part(value)}});
}

Facets facets_of(const Statement& row) {
  Facets facets{.account = row.number(1)};
  facets.add("account", "");
  int column = 2;
  for (const std::string_view field : indexed_fields) {
    if (!row.is_null(column)) facets.add(field, row.view(column));
    ++column;
  }
  add_meta(facets, row.view(column));
  return facets;
}

std::optional<Facets> facets_that_were(std::string_view was) {
  constexpr std::size_t flat = 1;
  const JsonReading reading = read_json(was, flat);
  if (reading.error || !reading.value.is_array()) return std::nullopt;
  const boost::json::array& columns = reading.value.get_array();
  if (columns.size() != indexed_fields.size() + 2 || !columns.front().is_int64()) {
    return std::nullopt;
  }
  Facets facets{.account = columns.front().get_int64()};
  facets.add("account", "");
  std::size_t column = 1;
  for (const std::string_view field : indexed_fields) {
    const boost::json::value& one = columns[column++];
    if (const auto* number = one.if_int64()) facets.add(field, std::to_string(*number));
    if (const auto* text = one.if_string()) facets.add(field, *text);
  }
  if (const auto* meta = columns[column].if_string()) add_meta(facets, *meta);
  return facets;
}

}  // namespace bellpull
