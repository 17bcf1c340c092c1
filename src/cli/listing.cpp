#include "cli/listing.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/output.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

constexpr std::int64_t default_limit = 100;
constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

Outcome<std::int64_t> limit_of(const Arguments& arguments) {
  const auto limit = arguments.number("--limit", 1);
  if (!limit) return std::unexpected(limit.error());
  if (*limit && arguments.has("--all")) {
    return usage_failure("--limit and --all exclude each other");
  }
  return arguments.has("--all") ? no_limit : limit->value_or(default_limit);
}

void print_json(const Output& output, const std::vector<json::object>& items,
                const std::string& cursor) {
  json::array shown;
  for (const json::object& item : items) {
    shown.emplace_back(output.fields().empty() ? item : only(item, output.fields()));
  }
  json::object document{{"items", std::move(shown)}};
  if (!cursor.empty()) document["cursor"] = cursor;
  output.json(document);
}

}  // namespace

std::string list_path(std::string_view path, const Filters& filters) {
  std::string text{path};
  char separator = text.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : filters) {
    if (value.empty()) continue;
    text += separator + name + "=" + percent_encoded(value);
    separator = '&';
  }
  return text;
}

Outcome<ListPage> read_page(Client& client, std::string_view path, const Filters& filters,
                            std::int64_t take, std::string_view cursor) {
  ListPage page{.items = {}, .cursor = std::string{cursor}};
  const std::int64_t wanted = std::min(take, max_page);
  while (true) {
    Filters one = filters;
    one.emplace_back("take",
                     fmt::format("{}", wanted - static_cast<std::int64_t>(page.items.size())));
    one.emplace_back("cursor", page.cursor);
    const auto reply = client.get(list_path(path, one));
    if (!reply) return std::unexpected(reply.error());
    page.cursor = text_at(*reply, "cursor");
    for (const json::value& item : array_at(*reply, "items")) {
      if (item.is_object()) page.items.push_back(item.get_object());
    }
    // The server had no time to fill it: the rest is asked for.
    const json::value* partial = reply->if_contains("partial");
    if (partial == nullptr || *partial != json::value(true) || page.cursor.empty()) return page;
  }
}

Outcome<std::vector<json::object>> read_items(Client& client, std::string_view path,
                                              const Filters& filters, std::int64_t limit) {
  std::vector<json::object> items;
  std::string cursor;
  while (true) {
    const std::int64_t left = limit - static_cast<std::int64_t>(items.size());
    const std::int64_t take = std::min(left, max_page);
    auto page = read_page(client, path, filters, take, cursor);
    if (!page) return std::unexpected(page.error());
    const bool is_last = static_cast<std::int64_t>(page->items.size()) < take || left <= max_page ||
                         page->cursor.empty();
    std::ranges::move(page->items, std::back_inserter(items));
    if (is_last) return items;
    cursor = std::move(page->cursor);
  }
}

// Forms of one line an item go out page by page, so that a long list starts at once and needs
// little memory; a table needs all rows for its widths.
Outcome<ExitCode> print_list(CommandContext& context, const ListView& view) {
  const auto limit = limit_of(context.arguments);
  if (!limit) return std::unexpected(limit.error());
  const Output& output = context.output;
  const bool is_whole = output.form() == OutputForm::json || output.form() == OutputForm::terminal;

  std::vector<json::object> items;
  std::string cursor = context.arguments.text("--cursor");
  std::int64_t count = 0;
  bool may_have_more = true;
  while (may_have_more && count < *limit && output.is_read()) {
    const std::int64_t take = std::min(*limit - count, max_page);
    auto page = read_page(context.client, view.path, view.filters, take, cursor);
    if (!page) return std::unexpected(page.error());
    const auto size = static_cast<std::int64_t>(page->items.size());
    count += size;
    may_have_more = size == take && !page->cursor.empty();
    if (size > 0) cursor = std::move(page->cursor);
    if (is_whole) {
      std::ranges::move(page->items, std::back_inserter(items));
    } else {
      output.table(view.columns, page->items);
    }
  }
  if (output.form() == OutputForm::json) {
    print_json(output, items, count > 0 ? cursor : std::string{});
    return ExitCode::ok;
  }
  if (is_whole) output.table(view.columns, items);
  if (count == 0) output.note(view.when_empty);
  if (may_have_more && count > 0) output.note("There may be more: --all shows them.");
  return ExitCode::ok;
}

}  // namespace bellpull::cli
