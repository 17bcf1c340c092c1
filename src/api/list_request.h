// What a list request asks for: the parameters that all lists take, and each list's own filters
// (api-contract.md 1.12).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/change.h"
#include "api/media.h"
#include "api/routes.h"
#include "api/rows.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/ids.h"
#include "http/request.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

using FilterValue = std::variant<std::int64_t, std::string>;

// The number of what an account calls by an alias.
using FindAlias = std::optional<std::int64_t> (*)(const Transaction& rows, AccountKey account,
                                                  std::string_view alias);

// One filter of a list: a parameter of the query, and the field that the store compares.
struct FilterRule {
  std::string_view parameter;
  std::string_view field;
  // Fails when the text can't be a value at all.
  std::function<Result<FilterValue>(std::string_view text)> read;
  bool takes_many = true;  // separated by commas, meaning any of them
  // For the API's description; empty: "only those with this <parameter>".
  std::string_view about;
  FindAlias find_alias = nullptr;  // where "@alias" is a value, too
};

// What is not an id of the kind matches no row.
template <class Kind>
FilterRule id_filter(std::string_view parameter, std::string_view field) {
  return {parameter, field, [](std::string_view text) -> Result<FilterValue> {
            const auto id = ResourceId<Kind>::parse(text);
            return id ? id->key.value : std::int64_t{-1};
          }};
}
// By a resource's id, or by "@alias" like references of bodies.
template <class Resource>
FilterRule reference_filter(std::string_view parameter, std::string_view field) {
  FilterRule rule{parameter, field, [](std::string_view text) -> Result<FilterValue> {
                    const auto id = decltype(Resource::id)::parse(text);
                    return id ? id->key.value : std::int64_t{-1};
                  }};
  rule.find_alias = [](const Transaction& rows, AccountKey account,
                       std::string_view alias) -> std::optional<std::int64_t> {
    const auto found = find_named<Resource>(rows, account, alias);
    if (!found) return std::nullopt;
    return found->id.key.value;
  };
  return rule;
}
// Of what there is none yet, so that it matches no row, whatever its value.
FilterRule filter_of_nothing(std::string_view parameter, std::string_view field);
// One text, commas and all.
FilterRule text_filter(std::string_view parameter, std::string_view field,
                       std::string (*normalise)(std::string_view) = nullptr);

// A value of a filter that is an alias; until it is resolved it matches nothing.
struct FilterAlias {
  std::size_t filter = 0;
  std::size_t value = 0;
  std::string text;  // "@sales"
  FindAlias find = nullptr;
};

// Adds what `text` names, which may be nothing. Aliases go to `aliases`, to be resolved later.
Result<void> add_filter(const FilterRule& rule, std::string_view text, std::vector<Filter>& filters,
                        std::vector<FilterAlias>* aliases = nullptr);

struct ListRules {
  std::string_view kind;  // cursors of one kind of list are no use in another
  std::vector<FilterRule> filters;
  Order order = Order::descending;
  bool has_meta = true;  // or a filter by it is refused
};

// The parameters of such a list, for the API's description.
std::vector<Description::Parameter> list_parameters(const ListRules& rules);

struct ListRequest {
  std::string_view kind;
  ListForm form = ListForm::json;
  ListQuery query;
  // A stream ends after this many items; nothing: after the last.
  std::optional<std::int64_t> at_most;
  std::vector<FilterAlias> aliases;
};

// Puts the numbers of what the aliases name into the filters.
void resolve_aliases(const Transaction& rows, ListRequest& request);
// The same, with a read of its own where there are any. The store outlives the task.
Task<ListRequest> with_aliases_resolved(Store* store, ListRequest request);

Result<ListRequest> parse_list(const ListRules& rules, const RequestHead& request,
                               AccountKey account);
// For an endpoint with more parameters: what is wrong goes to `problems`, and the rest is read.
ListRequest read_list(const ListRules& rules, const RequestHead& request, AccountKey account,
                      Problems& problems);

}  // namespace bellpull
