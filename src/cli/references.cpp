#include "cli/references.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "cli/client.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/nearest_word.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

// Names are looked for among this many; who has more uses ids.
constexpr std::int64_t max_searched = 10'000;
constexpr std::size_t max_candidates = 5;
constexpr std::size_t whole_id_digits = 26;

std::string path_of(const ResourceKind& kind, std::string_view reference) {
  return fmt::format("{}/{}/fetch", kind.path, percent_encoded(reference));
}

// How a candidate is told from the others.
std::string described(const json::object& item) {
  const std::string name = text_at(item, "name");
  const std::string alias = text_at(item, "alias");
  return fmt::format("\"{}\" ({}{})", name, text_at(item, "id"),
                     alias.empty() ? "" : ", @" + alias);
}

Failure not_found(const ResourceKind& kind, std::string_view reference,
                  const std::vector<json::object>& items) {
  Failure failure{.exit_code = ExitCode::not_found,
                  .code = "NOT_FOUND",
                  .message = fmt::format("{} \"{}\" not found", kind.noun, reference)};
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const json::object& item : items) names.push_back(text_at(item, "name"));
  if (const auto nearest = nearest_word(reference, names)) {
    const auto found = std::ranges::find(names, *nearest);
    const json::object& item = items[static_cast<std::size_t>(found - names.begin())];
    failure.message += fmt::format(". Did you mean {}?", described(item));
  } else {
    failure.next = {{fmt::format("bellpull {} list", kind.noun), "see what there is"}};
  }
  return failure;
}

Failure ambiguous(const ResourceKind& kind, std::string_view reference,
                  const std::vector<const json::object*>& found) {
  std::string candidates;
  for (std::size_t i = 0; i < std::min(found.size(), max_candidates); ++i) {
    candidates += (i == 0 ? "" : ", ") + described(*found[i]);
  }
  if (found.size() > max_candidates) candidates += ", ...";
  return {.exit_code = ExitCode::conflict,
          .code = "AMBIGUOUS",
          .message = fmt::format("{} {}s are called \"{}\"", found.size(), kind.noun, reference),
          .hint = "Use an id or an @alias: " + candidates};
}

template <class Matches>
std::vector<const json::object*> select(const std::vector<json::object>& items, Matches matches) {
  std::vector<const json::object*> found;
  for (const json::object& item : items) {
    if (matches(item)) found.push_back(&item);
  }
  return found;
}

Outcome<json::object> find_in_list(Client& client, const ResourceKind& kind,
                                   std::string_view reference) {
  const auto items = read_items(client, std::string{kind.path} + "/list", {}, max_searched);
  if (!items) return std::unexpected(items.error());
  const std::string alias{reference.substr(reference.starts_with('@') ? 1 : 0)};
  const std::string id_prefix = std::string{kind.noun} + "_";

  auto found = select(*items, [&](const auto& item) { return text_at(item, "id") == reference; });
  if (found.empty()) {
    found = select(*items, [&](const auto& item) { return text_at(item, "name") == reference; });
  }
  if (found.empty()) {
    found = select(*items, [&](const auto& item) { return text_at(item, "alias") == alias; });
  }
  if (found.empty() && reference.starts_with(id_prefix) && reference.size() > id_prefix.size()) {
    found = select(*items,
                   [&](const auto& item) { return text_at(item, "id").starts_with(reference); });
  }
  if (found.empty()) return std::unexpected(not_found(kind, reference, *items));
  if (found.size() > 1) return std::unexpected(ambiguous(kind, reference, found));
  return *found.front();
}

}  // namespace

Outcome<json::object> find_resource(Client& client, const ResourceKind& kind,
                                    std::string_view reference) {
  constexpr std::string_view ellipsis = "…";
  if (reference.ends_with(ellipsis)) reference.remove_suffix(ellipsis.size());
  if (reference.empty()) return usage_failure(fmt::format("which {}?", kind.noun));

  const std::string id_prefix = std::string{kind.noun} + "_";
  const bool is_direct =
      reference.starts_with('@') ||
      (reference.starts_with(id_prefix) && reference.size() >= id_prefix.size() + whole_id_digits);
  if (!kind.has_fetch || !is_direct) return find_in_list(client, kind, reference);

  auto found = client.get(path_of(kind, reference));
  if (found || found.error().exit_code != ExitCode::not_found) return found;
  // A name may look like an id; if it is none, the list has the better answer.
  return find_in_list(client, kind, reference);
}

}  // namespace bellpull::cli
