// Reading lists of the server, page by page, and printing them.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/client.h"
#include "cli/column.h"
#include "cli/command.h"
#include "cli/failure.h"

namespace bellpull::cli {

using Filters = std::vector<std::pair<std::string, std::string>>;  // empty values are left out

// "/bot/list" with its query.
std::string list_path(std::string_view path, const Filters& filters);

struct ListPage {
  std::vector<boost::json::object> items;
  std::string cursor;  // empty when there are no more
};

inline constexpr std::int64_t max_page = 100;

// One page of at most `take` items.
Outcome<ListPage> read_page(Client& client, std::string_view path, const Filters& filters,
                            std::int64_t take, std::string_view cursor = {});
// Up to `limit` items, over as many pages as that takes.
Outcome<std::vector<boost::json::object>> read_items(
    Client& client, std::string_view path, const Filters& filters,
    std::int64_t limit = std::numeric_limits<std::int64_t>::max());

struct ListView {
  std::string path;
  Columns columns;
  std::string when_empty;  // what a person reads in place of nothing
  Filters filters;
};

// What every list command does, with --limit, --all and --cursor.
Outcome<ExitCode> print_list(CommandContext& context, const ListView& view);

}  // namespace bellpull::cli
