#include "base/json_query_parser.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json_query_filter.h"
#include "base/json_query_node.h"
#include "base/json_query_text.h"
#include "base/result.h"

namespace bellpull {

namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) > 127;
}

bool is_of_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '-'; }

std::optional<std::string> take_name(QueryText& text) {
  if (!is_name_start(text.front())) return std::nullopt;
  std::string name;
  while (is_of_name(text.front())) name += text.take();
  return name;
}

Result<QuerySelector> read_slice(QueryText& text, std::optional<std::int64_t> start) {
  QuerySelector selector{.kind = SelectorKind::slice, .start = start};
  text.skip_blanks();
  auto stop = text.take_index();
  if (!stop) return std::unexpected(std::move(stop.error()));
  selector.stop = *stop;
  text.skip_blanks();
  if (!text.accept(":")) return selector;
  text.skip_blanks();
  auto step = text.take_index();
  if (!step) return std::unexpected(std::move(step.error()));
  selector.step = step->value_or(1);
  return selector;
}

Result<QuerySelector> read_selector(QueryText& text, unsigned depth) {
  if (text.accept("*")) return QuerySelector{};
  if (text.front() == '\'' || text.front() == '"') {
    auto name = text.take_string();
    if (!name) return std::unexpected(std::move(name.error()));
    return QuerySelector{.kind = SelectorKind::name, .name = std::move(*name)};
  }
  if (text.accept("?")) {
    text.skip_blanks();
    auto test = read_query_test(text, depth + 1);
    if (!test) return std::unexpected(std::move(test.error()));
    QuerySelector selector{.kind = SelectorKind::filter};
    selector.filter.push_back(std::move(*test));
    return selector;
  }
  auto index = text.take_index();
  if (!index) return std::unexpected(std::move(index.error()));
  const std::size_t after = text.at();
  text.skip_blanks();
  if (text.accept(":")) return read_slice(text, *index);
  text.go_back_to(after);
  if (!*index) return text.expected("a name in quotes, an index, a slice like 0:10, * or ?");
  return QuerySelector{.kind = SelectorKind::index, .index = **index};
}

Result<void> read_bracket(QueryText& text, QuerySegment& segment, unsigned depth) {
  do {
    text.skip_blanks();
    auto selector = read_selector(text, depth);
    if (!selector) return std::unexpected(std::move(selector.error()));
    segment.selectors.push_back(std::move(*selector));
    text.skip_blanks();
  } while (text.accept(","));
  if (!text.accept("]")) return text.expected("\",\" or \"]\"");
  return {};
}

Result<QuerySegment> read_segment(QueryText& text, unsigned depth) {
  QuerySegment segment;
  segment.descends = text.accept("..");
  const bool may_be_name = segment.descends || text.accept(".");
  if ((segment.descends || !may_be_name) && text.accept("[")) {
    auto read = read_bracket(text, segment, depth);
    if (!read) return std::unexpected(std::move(read.error()));
    return segment;
  }
  if (text.accept("*")) {
    segment.selectors.emplace_back();
    return segment;
  }
  auto name = take_name(text);
  if (!name) return text.expected("a name (one with other characters as ['any name']) or *");
  segment.selectors.push_back({.kind = SelectorKind::name, .name = std::move(*name)});
  return segment;
}

}  // namespace

Result<QueryPath> read_query_path(QueryText& text, unsigned depth) {
  if (depth > max_query_depth) {
    return fail(ErrorCode::invalid,
                fmt::format("must not be nested deeper than {} levels", max_query_depth));
  }
  QueryPath path{.is_relative = text.front() == '@'};
  text.take();
  while (true) {
    const std::size_t before = text.at();
    text.skip_blanks();
    if (text.front() != '.' && text.front() != '[') {
      text.go_back_to(before);
      return path;
    }
    auto segment = read_segment(text, depth);
    if (!segment) return std::unexpected(std::move(segment.error()));
    path.segments.push_back(std::move(*segment));
    if (path.segments.size() > max_query_segments) {
      return fail(ErrorCode::invalid,
                  fmt::format("must have at most {} steps", max_query_segments));
    }
  }
}

Result<QueryPath> parse_json_query(std::string_view query) {
  QueryText text{query};
  if (text.front() != '$')
    return fail(ErrorCode::invalid, "must begin with $", "write it like $.data[*].id");
  auto path = read_query_path(text, 0);
  if (path && !text.is_at_end()) return text.expected(".name, [...] or the end");
  return path;
}

}  // namespace bellpull
