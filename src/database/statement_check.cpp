#include "database/statement_check.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/kind.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "database/query.h"

namespace bellpull {

namespace {

constexpr std::size_t max_text_bytes = std::size_t{64} << 10;
constexpr std::size_t max_parameters = 1'000;
constexpr std::size_t max_parameter_bytes = std::size_t{1} << 20;  // of one text

constexpr std::string_view reading[] = {"select", "with", "values", "table", "explain", "show"};
constexpr std::string_view writing[] = {"insert", "update", "delete", "merge", "replace"};

// Behind the comment that begins at `at`; PostgreSQL's nest.
std::size_t behind_comment(std::string_view text, std::size_t at) {
  if (text[at] == '-') return std::min(text.find('\n', at), text.size());
  std::size_t depth = 0;
  while (at < text.size()) {
    const std::string_view here = text.substr(at, 2);
    if (here == "/*") ++depth;
    if (here == "*/") --depth;
    at += here == "/*" || here == "*/" ? 2 : 1;
    if (depth == 0) return at;
  }
  return text.size();
}

QueryFailure invalid(std::string message, std::string hint = {}) {
  return {.cause = QueryCause::invalid, .message = std::move(message), .hint = std::move(hint)};
}

std::optional<QueryFailure> fault_of_parameters(const BoundStatement& statement) {
  if (statement.parameters.size() > max_parameters) {
    return invalid(fmt::format("A statement has at most {} parameters", max_parameters));
  }
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const boost::json::value& value = statement.parameters[i];
    if (!value.is_string()) continue;
    const std::string_view text = value.get_string();
    if (text.size() > max_parameter_bytes) {
      return invalid(
          fmt::format("The parameter ${} has over {} bytes", i + 1, max_parameter_bytes));
    }
    // PostgreSQL has no such text, and its client would cut it off there.
    if (text.contains('\0')) {
      return invalid(fmt::format("The parameter ${} holds the character U+0000", i + 1));
    }
  }
  return std::nullopt;
}

}  // namespace

std::string first_word(std::string_view statement) {
  std::size_t at = 0;
  while (at < statement.size()) {
    const std::string_view here = statement.substr(at, 2);
    if (here == "--" || here == "/*") {
      at = behind_comment(statement, at);
    } else if (std::string_view(" \t\r\n\f\v(").contains(statement[at])) {
      ++at;
    } else {
      break;
    }
  }
  std::string word;
  for (; at < statement.size(); ++at) {
    const auto c = static_cast<unsigned char>(statement[at]);
    if (std::isalnum(c) == 0 && c != '_' && c < 0x80) break;
    word += static_cast<char>(std::tolower(c));
  }
  return word;
}

std::optional<QueryFailure> fault_of(const BoundStatement& statement, bool writable) {
  if (statement.text.size() > max_text_bytes) {
    return invalid(fmt::format("The statement has over {} bytes", max_text_bytes),
                   "give long values as parameters");
  }
  if (statement.text.contains('\0') || !is_utf8(statement.text)) {
    return invalid("The statement is not UTF-8 text");
  }
  const std::string word = first_word(statement.text);
  const auto is_word = [&](std::string_view one) { return one == word; };
  if (std::ranges::none_of(reading, is_word)) {
    if (std::ranges::none_of(writing, is_word)) {
      return invalid(word.empty()
                         ? "The statement is empty"
                         : fmt::format("No statement may begin with \"{}\"", word.substr(0, 40)),
                     writable ? "use SELECT, WITH, VALUES, INSERT, UPDATE, DELETE or MERGE"
                              : "use SELECT, WITH or VALUES");
    }
    if (!writable) {
      return invalid(fmt::format("The database {} is for reading only", statement.database),
                     "use SELECT, WITH or VALUES");
    }
  }
  return fault_of_parameters(statement);
}

}  // namespace bellpull
