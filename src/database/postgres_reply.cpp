#include "database/postgres_reply.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <libpq-fe.h>

#include "base/text.h"
#include "database/postgres_value.h"
#include "database/query.h"

namespace bellpull {

namespace {

constexpr std::size_t most_dropped_bytes = std::size_t{256} << 10;

std::size_t row_bytes(const PGresult* row) {
  std::size_t bytes = 0;
  for (int column = 0; column < PQnfields(row); ++column) {
    bytes += static_cast<std::size_t>(PQgetlength(row, 0, column));
  }
  return bytes;
}

boost::json::array row_values(const PGresult* row) {
  boost::json::array values;
  for (int column = 0; column < PQnfields(row); ++column) {
    if (PQgetisnull(row, 0, column) == 1) {
      values.emplace_back(nullptr);
      continue;
    }
    const std::string_view text{PQgetvalue(row, 0, column),
                                static_cast<std::size_t>(PQgetlength(row, 0, column))};
    values.push_back(cell_value(PQftype(row, column), text));
  }
  return values;
}

std::vector<std::string> columns_of(const PGresult* result) {
  std::vector<std::string> columns;
  columns.reserve(static_cast<std::size_t>(PQnfields(result)));
  for (int column = 0; column < PQnfields(result); ++column) {
    columns.push_back(valid_text(PQfname(result, column)));
  }
  return columns;
}

// "INSERT 0 3" is 3; nothing for "SELECT 3", which changed nothing.
std::optional<std::int64_t> affected_by(PGresult* result) {
  const std::string_view status = PQcmdStatus(result);
  for (const std::string_view word : {"INSERT", "UPDATE", "DELETE", "MERGE"}) {
    if (!status.starts_with(word)) continue;
    const std::string_view text = PQcmdTuples(result);
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  return std::nullopt;
}

}  // namespace

void PostgresReply::add(PGresult* result) {
  if (reply_.columns.empty()) reply_.columns = columns_of(result);
  if (PQresultStatus(result) != PGRES_SINGLE_TUPLE) {
    reply_.affected = affected_by(result);
    return;
  }
  const std::size_t bytes = row_bytes(result);
  if (rows_.admits(bytes)) {
    rows_.add(row_values(result));
  } else {
    constexpr std::size_t of_any_row = 32;
    dropped_bytes_ += bytes + of_any_row;
  }
}

bool PostgresReply::is_over() const { return dropped_bytes_ > most_dropped_bytes; }

QueryReply PostgresReply::take() {
  rows_.give(reply_);
  return std::move(reply_);
}

}  // namespace bellpull
