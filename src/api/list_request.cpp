#include "api/list_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "api/change.h"
#include "api/cursor.h"
#include "api/field_value.h"
#include "api/media.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/ids.h"
#include "domain/meta.h"
#include "http/query.h"
#include "http/request.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Bounds of one list request: each becomes a condition of its statement.
constexpr std::size_t max_meta_filters = 20;
constexpr std::size_t max_values_per_filter = 100;

// What a client sends that has put an object where a text belongs.
constexpr std::string_view not_a_text = "[object Object]";

std::string_view value_of(const Query& query, std::string_view name) {
  return trimmed(query.find(name).value_or(""));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The page size asked for; nothing when there is none that could be used.
std::optional<std::int64_t> parse_take(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = !text.empty() && end == text.data() + text.size();
  if (is_number && problem == std::errc::result_out_of_range) {
    return text.starts_with('-') ? 1 : max_page;
  }
  if (!is_number || number == 0) return std::nullopt;
  return std::clamp<std::int64_t>(number, 1, max_page);
}

constexpr std::array<std::string_view, 2> order_names{"asc", "desc"};

// Adds what is wrong to `problems`, and goes on.
Page parse_page(const ListRules& rules, const Query& query, std::optional<std::int64_t>& take,
                Problems& problems) {
  Page page{.order = rules.order};
  take = parse_take(value_of(query, "take"));
  page.take = take.value_or(max_page);

  if (const std::string_view order = value_of(query, "order"); !order.empty()) {
    const auto index = find_choice("order", order_names, order);
    if (!index) problems.add(index.error());
    if (index) page.order = *index == 0 ? Order::ascending : Order::descending;
  }
  if (const std::string_view cursor = value_of(query, "cursor"); !cursor.empty()) {
    const auto after = from_cursor(rules.kind, cursor);
    if (!after) {
      problems.add({ErrorCode::invalid, "cursor is not one of this list",
                    "send the cursor of the page before as it was given, or none for "
                    "the first page"});
    }
    page.after = after.value_or(0);
  }
  return page;
}

std::unexpected<Error> not_utf8(std::string_view parameter) {
  return fail(ErrorCode::invalid, std::string{parameter} + " must be valid UTF-8 text");
}

}  // namespace

Result<void> add_filter(const FilterRule& rule, std::string_view text, std::vector<Filter>& filters,
                        std::vector<FilterAlias>* aliases) {
  if (!is_utf8(text)) return not_utf8(rule.parameter);
  Filter filter{.field = std::string{rule.field}};
  const auto parts = rule.takes_many ? split(text, ',') : std::vector{std::string{text}};
  for (const std::string& part : parts) {
    const std::string_view value = trimmed(part);
    if (value.empty()) continue;
    auto read = rule.read(value);
    if (!read) return std::unexpected(std::move(read.error()));
    if (aliases != nullptr && rule.find_alias != nullptr && value.starts_with('@')) {
      aliases->push_back(
          {filters.size(), filter.any_of.size(), std::string{value}, rule.find_alias});
    }
    filter.any_of.push_back(std::move(*read));
  }
  if (filter.any_of.size() > max_values_per_filter) {
    return fail(ErrorCode::invalid, fmt::format("{} must name at most {} values", rule.parameter,
                                                max_values_per_filter));
  }
  if (!filter.any_of.empty()) filters.push_back(std::move(filter));
  return {};
}

namespace {

// The path of "meta.a.b", "meta[a][b]" or "meta[a.b]"; empty for any other parameter.
std::vector<std::string> meta_path(std::string_view name) {
  constexpr std::string_view prefix = "meta";
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return {};
  std::string dotted;
  if (name[prefix.size()] == '.') {
    dotted = name.substr(prefix.size() + 1);
  } else if (name[prefix.size()] == '[' && name.ends_with(']')) {
    dotted = name.substr(prefix.size() + 1, name.size() - prefix.size() - 2);
    for (std::size_t at = 0; (at = dotted.find("][")) != std::string::npos;) {
      dotted.replace(at, 2, ".");
    }
  }
  if (dotted.empty()) return {};
  return split(dotted, '.');
}

Result<void> add_meta_filters(const Query& query, ListQuery& list) {
  std::set<std::vector<std::string>> seen;  // the first value of a repeated one wins
  for (const Query::Pair& pair : query.pairs()) {
    std::vector<std::string> path = meta_path(pair.name);
    if (path.empty() || !seen.insert(path).second) continue;
    const std::string_view value = trimmed(pair.value);
    if (value.empty() || value == not_a_text) continue;
    if (!is_utf8(pair.name) || !is_utf8(value)) return not_utf8("meta");
    if (path.size() > max_meta_depth || list.meta.size() == max_meta_filters) {
      return fail(ErrorCode::invalid, fmt::format("at most {} meta filters, of {} levels",
                                                  max_meta_filters, max_meta_depth));
    }
    list.meta.push_back({std::move(path), std::string{value}});
  }
  return {};
}

}  // namespace

void resolve_aliases(const Transaction& rows, ListRequest& request) {
  for (const FilterAlias& alias : request.aliases) {
    const auto found = alias.find(rows, request.query.account, alias.text);
    if (found) request.query.filters.at(alias.filter).any_of.at(alias.value) = *found;
  }
}

Task<ListRequest> with_aliases_resolved(Store* store, ListRequest request) {
  if (!request.aliases.empty()) {
    co_await store->read([&](const Transaction& rows) -> Result<void> {
      resolve_aliases(rows, request);
      return {};
    });
  }
  co_return request;
}

std::vector<Description::Parameter> list_parameters(const ListRules& rules) {
  json::object take = whole_number_schema();
  take["default"] = max_page;
  json::object order = choice_schema(order_names);
  order["default"] = rules.order == Order::ascending ? "asc" : "desc";
  std::vector<Description::Parameter> parameters{
      {"cursor", "The `cursor` of the page before; without it: the first page"},
      {"take", fmt::format("How many items a page has, at most {}; of a stream: all", max_page),
       std::move(take)},
      {"order", "In the order of creation, or against it", std::move(order)}};
  for (const FilterRule& rule : rules.filters) {
    std::string about = rule.about.empty() ? fmt::format("Only those with this {}", rule.parameter)
                                           : std::string{rule.about};
    if (rule.takes_many) about += "; several, separated by commas, mean any of them";
    parameters.push_back({std::string{rule.parameter}, std::move(about)});
  }
  if (rules.has_meta) {
    parameters.push_back(
        {"meta",
         "Only those whose meta has these values: `meta[key]=value`, and "
         "`meta[outer.inner]=value` for what is inside. `meta.key=value` means the "
         "same.",
         {{"type", "object"}, {"additionalProperties", text_schema()}}});
  }
  return parameters;
}

FilterRule filter_of_nothing(std::string_view parameter, std::string_view field) {
  return {.parameter = parameter,
          .field = field,
          .read = [](std::string_view) -> Result<FilterValue> { return std::int64_t{-1}; },
          .about = "There are none of these yet, so nothing matches"};
}

FilterRule text_filter(std::string_view parameter, std::string_view field,
                       std::string (*normalise)(std::string_view)) {
  return {parameter,
          field,
          [normalise](std::string_view text) -> Result<FilterValue> {
            return normalise != nullptr ? normalise(text) : std::string{text};
          },
          false,
          {}};
}

Result<ListRequest> parse_list(const ListRules& rules, const RequestHead& request,
                               AccountKey account) {
  Problems problems;
  ListRequest list = read_list(rules, request, account, problems);
  if (!problems.empty()) return std::unexpected(problems.error());
  return list;
}

ListRequest read_list(const ListRules& rules, const RequestHead& request, AccountKey account,
                      Problems& problems) {
  const auto form = choose_list_form(request.header("accept"));
  if (!form) problems.add(form.error());
  const Query query{request.query()};

  ListRequest list{
      .kind = rules.kind, .form = form.value_or(ListForm::json), .query = {.account = account}};
  list.query.page = parse_page(rules, query, list.at_most, problems);
  for (const FilterRule& rule : rules.filters) {
    const auto added =
        add_filter(rule, value_of(query, rule.parameter), list.query.filters, &list.aliases);
    if (!added) problems.add(added.error());
  }
  if (const auto added = add_meta_filters(query, list.query); !added) problems.add(added.error());
  if (!rules.has_meta && !list.query.meta.empty()) {
    problems.add({ErrorCode::invalid, "this list cannot be filtered by meta",
                  "its items have no meta: leave out the parameters that begin with meta"});
  }
  return list;
}

}  // namespace bellpull
