#include "base/json_query_filter.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/i_regexp.h"
#include "base/json_query_node.h"
#include "base/json_query_parser.h"
#include "base/json_query_text.h"
#include "base/result.h"

namespace bellpull {

namespace {

using Test = Result<QueryTest>;

struct Word {
  std::string_view text;
  QueryKind kind;
};

// The longer ones before those that they begin with.
constexpr auto comparisons = std::to_array<Word>({{"==", QueryKind::equal},
                                                  {"!=", QueryKind::unequal},
                                                  {"<=", QueryKind::less_or_equal},
                                                  {">=", QueryKind::greater_or_equal},
                                                  {"<", QueryKind::less},
                                                  {">", QueryKind::greater}});

constexpr auto functions = std::to_array<Word>({{"length", QueryKind::length},
                                                {"count", QueryKind::count},
                                                {"value", QueryKind::value},
                                                {"match", QueryKind::match},
                                                {"search", QueryKind::search}});

class FilterReader {
 public:
  explicit FilterReader(QueryText& text) : text_(text) {}

  Test read(unsigned depth) { return any_of(depth); }

 private:
  Test any_of(unsigned depth) {
    return joined("||", QueryKind::disjunction, depth, [&] { return all_of(depth); });
  }
  Test all_of(unsigned depth) {
    return joined("&&", QueryKind::conjunction, depth, [&] { return one(depth); });
  }

  template <class Read>
  Test joined(std::string_view word, QueryKind kind, unsigned depth, Read read_one) {
    if (depth > max_query_depth) return too_deep();
    Test first = read_one();
    if (!first || !accept_after_blanks(word)) return first;
    QueryTest test{.kind = kind};
    test.children.push_back(std::move(*first));
    do {
      text_.skip_blanks();
      Test next = read_one();
      if (!next) return next;
      test.children.push_back(std::move(*next));
    } while (accept_after_blanks(word));
    return test;
  }

  // A negation, parentheses, a comparison, or a path or function alone.
  Test one(unsigned depth) {
    const std::size_t begin = text_.at();
    const bool is_negated = text_.accept("!");
    if (is_negated) text_.skip_blanks();
    Test test = text_.accept("(") ? parenthesis(depth + 1) : comparison(depth, is_negated, begin);
    if (!test || !is_negated) return test;
    QueryTest negation{.kind = QueryKind::negation};
    negation.children.push_back(std::move(*test));
    return negation;
  }

  Test parenthesis(unsigned depth) {
    text_.skip_blanks();
    Test inside = any_of(depth);
    if (!inside) return inside;
    if (!accept_after_blanks(")")) return text_.expected("\")\", && or ||");
    return inside;
  }

  Test comparison(unsigned depth, bool is_negated, std::size_t begin) {
    Test left = operand(depth);
    if (!left) return left;
    const std::size_t after = text_.at();
    text_.skip_blanks();
    const auto* const word =
        std::ranges::find_if(comparisons, [&](const Word& one) { return text_.accept(one.text); });
    if (word == comparisons.end()) {
      text_.go_back_to(after);
      return alone(std::move(*left), begin);
    }
    if (is_negated) {
      text_.go_back_to(begin);
      return text_.expected("a comparison in parentheses behind !");
    }
    if (auto fits = refuse_compared(*left, begin); !fits) return std::unexpected(fits.error());
    text_.skip_blanks();
    const std::size_t second = text_.at();
    Test right = operand(depth);
    if (!right) return right;
    if (auto fits = refuse_compared(*right, second); !fits) return std::unexpected(fits.error());
    QueryTest test{.kind = word->kind};
    test.children.push_back(std::move(*left));
    test.children.push_back(std::move(*right));
    return test;
  }

  Test alone(QueryTest test, std::size_t begin) {
    if (test.kind == QueryKind::match || test.kind == QueryKind::search) return test;
    if (test.kind == QueryKind::path) {
      test.kind = QueryKind::exists;
      return test;
    }
    text_.go_back_to(begin);
    return text_.expected("a comparison, a path, match() or search() (a value alone is no test)");
  }

  Result<void> refuse_compared(const QueryTest& test, std::size_t at) {
    const bool is_test = test.kind == QueryKind::match || test.kind == QueryKind::search;
    if (!is_test && (test.kind != QueryKind::path || test.path.is_singular())) return {};
    text_.go_back_to(at);
    return text_.expected("a value, or a path to one value, to compare");
  }

  Test operand(unsigned depth) {
    const char c = text_.front();
    if (c == '$' || c == '@') {
      auto path = read_query_path(text_, depth + 1);
      if (!path) return std::unexpected(std::move(path.error()));
      return QueryTest{.kind = QueryKind::path, .path = std::move(*path)};
    }
    if (c == '\'' || c == '"') {
      auto string = text_.take_string();
      if (!string) return std::unexpected(std::move(string.error()));
      return QueryTest{.literal = boost::json::value(*string)};
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
      auto number = text_.take_number();
      if (!number) return std::unexpected(std::move(number.error()));
      return QueryTest{.literal = std::move(*number)};
    }
    return word(depth);
  }

  // A constant or a function.
  Test word(unsigned depth) {
    const std::size_t begin = text_.at();
    std::string name;
    while ((text_.front() >= 'a' && text_.front() <= 'z') || text_.front() == '_') {
      name += text_.take();
    }
    if (name == "true" || name == "false") return QueryTest{.literal = name == "true"};
    if (name == "null") return QueryTest{.literal = nullptr};
    const auto* const function = std::ranges::find(functions, name, &Word::text);
    if (function != functions.end() && text_.accept("(")) return call(*function, depth + 1);
    text_.go_back_to(begin);
    return text_.expected(
        "@, $, a value, or one of the functions length() count() value() match() search()");
  }

  Test call(const Word& function, unsigned depth) {
    if (depth > max_query_depth) return too_deep();
    QueryTest test{.kind = function.kind};
    const bool is_match = function.kind == QueryKind::match || function.kind == QueryKind::search;
    const bool takes_nodes = function.kind == QueryKind::count || function.kind == QueryKind::value;
    for (std::size_t i = 0; i < (is_match ? 2U : 1U); ++i) {
      if (i > 0 && !accept_after_blanks(",")) return text_.expected("\",\" and a second argument");
      text_.skip_blanks();
      const std::size_t at = text_.at();
      Test argument = operand(depth);
      if (!argument) return argument;
      if (takes_nodes && argument->kind != QueryKind::path) {
        text_.go_back_to(at);
        return text_.expected(fmt::format("a path as argument of {}()", function.text));
      }
      if (!takes_nodes) {
        if (auto fits = refuse_compared(*argument, at); !fits) {
          return std::unexpected(fits.error());
        }
      }
      test.children.push_back(std::move(*argument));
    }
    if (!accept_after_blanks(")")) return text_.expected("\")\"");
    if (is_match) return with_pattern(std::move(test));
    return test;
  }

  // A pattern that stands in the query is read now, and what is wrong with it told.
  static Test with_pattern(QueryTest test) {
    const QueryTest& pattern = test.children[1];
    if (pattern.kind != QueryKind::literal || !pattern.literal.is_string()) return test;
    auto parsed = IRegexp::parse(pattern.literal.get_string().subview());
    if (!parsed) {
      return fail(
          ErrorCode::invalid,
          fmt::format("\"{}\" {}", pattern.literal.get_string().subview(), parsed.error().message),
          parsed.error().hint);
    }
    test.pattern = std::move(*parsed);
    return test;
  }

  bool accept_after_blanks(std::string_view word) {
    const std::size_t before = text_.at();
    text_.skip_blanks();
    if (text_.accept(word)) return true;
    text_.go_back_to(before);
    return false;
  }

  static std::unexpected<Error> too_deep() {
    return fail(ErrorCode::invalid,
                fmt::format("must not be nested deeper than {} levels", max_query_depth));
  }

  QueryText& text_;
};

}  // namespace

Result<QueryTest> read_query_test(QueryText& text, unsigned depth) {
  return FilterReader{text}.read(depth);
}

}  // namespace bellpull
