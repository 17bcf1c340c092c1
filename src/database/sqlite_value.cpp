#include "database/sqlite_value.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <strings.h>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/kind.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <sqlite3.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "database/query.h"
#include "database/sqlite_guard.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// "$3" is 3; nothing for what is written in another way.
std::optional<std::size_t> parameter_number(const char* name) {
  const std::string_view text = name == nullptr ? "" : name;
  std::size_t number = 0;
  if (text.size() < 2 || text[0] != '$') return std::nullopt;
  const char* const last = text.data() + text.size();
  const auto [end, problem] = std::from_chars(text.data() + 1, last, number);
  if (problem != std::errc{} || end != last || number == 0) return std::nullopt;
  return number;
}

int bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8);
}

// Gives the library's code: a text may be longer than it takes.
int bind(sqlite3_stmt* statement, int index, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return sqlite3_bind_null(statement, index);
    case json::kind::bool_:
      return sqlite3_bind_int(statement, index, value.get_bool() ? 1 : 0);
    case json::kind::int64:
      return sqlite3_bind_int64(statement, index, value.get_int64());
    case json::kind::double_:
      return sqlite3_bind_double(statement, index, value.get_double());
    case json::kind::string:
      return bind_text(statement, index, value.get_string());
    default:  // SQLite has no unsigned numbers, objects or arrays
      return bind_text(statement, index, json::serialize(value));
  }
}

bool is_json_column(sqlite3_stmt* statement, int column) {
  const char* type = sqlite3_column_decltype(statement, column);
  return type != nullptr && ::strcasecmp(type, "json") == 0;
}

std::string_view bytes_of(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return bytes == nullptr ? std::string_view{} : std::string_view{bytes, size};
}

json::value value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return nullptr;
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT: {
      const double number = sqlite3_column_double(statement, column);
      if (std::isfinite(number)) return number;
      return number > 0 ? "Infinity" : "-Infinity";
    }
    case SQLITE_BLOB: {
      const std::string_view bytes = bytes_of(statement, column);
      return json::value(to_base64(bytes));
    }
    default:
      break;
  }
  const std::string_view text = bytes_of(statement, column);
  if (is_json_column(statement, column)) {
    if (auto parsed = parse_foreign(text)) return std::move(*parsed);
  }
  return json::value(valid_text(text));
}

}  // namespace

std::optional<QueryFailure> bind_parameters(sqlite3_stmt* statement, const BoundStatement& bound) {
  const std::size_t given = bound.parameters.size();
  std::vector<bool> used(given);
  for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
    const char* name = sqlite3_bind_parameter_name(statement, index);
    const auto number = parameter_number(name);
    if (!number) {
      return QueryFailure{
          .message = fmt::format("The parameter {} is not one of $1, $2, ...",
                                 name == nullptr ? "?" : std::string_view{name}.substr(0, 80)),
          .hint = "write casts as cast($1 as integer)"};
    }
    if (*number > given) {
      return QueryFailure{.message =
                              fmt::format("The statement has the parameter ${}, and {} {} given",
                                          *number, given, given == 1 ? "value is" : "values are")};
    }
    used[*number - 1] = true;
    if (bind(statement, index, bound.parameters[*number - 1]) != SQLITE_OK) {
      return QueryFailure{.message = fmt::format("The parameter ${} is longer than {} bytes",
                                                 *number, max_sqlite_value_bytes)};
    }
  }
  for (std::size_t i = 0; i < given; ++i) {
    if (used[i]) continue;
    return QueryFailure{.message = fmt::format("The parameter ${} is given, and not used", i + 1)};
  }
  return std::nullopt;
}

std::size_t row_bytes(sqlite3_stmt* statement) {
  constexpr std::size_t number_bytes = 8;
  std::size_t bytes = 0;
  for (int column = 0; column < sqlite3_column_count(statement); ++column) {
    const int type = sqlite3_column_type(statement, column);
    const bool is_long = type == SQLITE_TEXT || type == SQLITE_BLOB;
    bytes +=
        is_long ? static_cast<std::size_t>(sqlite3_column_bytes(statement, column)) : number_bytes;
  }
  return bytes;
}

json::array row_values(sqlite3_stmt* statement) {
  json::array row;
  const int columns = sqlite3_column_count(statement);
  row.reserve(static_cast<std::size_t>(columns));
  for (int column = 0; column < columns; ++column) row.push_back(value_of(statement, column));
  return row;
}

}  // namespace bellpull
