#include "api/blueprint_members.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "api/abilities.h"
#include "api/bots.h"
#include "api/dataset_fields.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/file_fields.h"
#include "api/rows.h"
#include "api/secrets.h"
#include "api/skillsets.h"
#include "api/triggers.h"
#include "api/view.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "store/list.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

ListQuery members_by(AccountKey account, std::string_view field, std::int64_t key) {
  return {.account = account,
          .page = {.order = Order::ascending},
          .filters = {{.field = std::string{field}, .any_of = {key}}}};
}

bool belongs(const Ability& ability, BlueprintKey blueprint) {
  return ability.blueprint && ability.blueprint->key == blueprint;
}

// Appends what `query` finds, until there are more than `most`.
template <class Resource, class Wanted>
void append(const Transaction& rows, ListQuery query, std::size_t most,
            std::vector<Resource>& found, Wanted is_wanted) {
  while (found.size() <= most) {
    std::vector<Resource> page = Rows<Resource>::of(rows).list(query);
    if (page.empty()) return;
    query.page.after = page.back().id.key.value;
    std::ranges::copy_if(page, std::back_inserter(found), is_wanted);
  }
}

// What a summary shows: the name of a resource and what it refers to, never a secret.
template <class Resource>
Fields<Resource> summary_fields(const Fields<Resource>& fields) {
  constexpr std::array<std::string_view, 5> always{"id", "name", "description", "meta", "state"};
  Fields<Resource> summary;
  std::ranges::copy_if(fields, std::back_inserter(summary), [&](const Field<Resource>& field) {
    return field.shape.kind == ValueKind::reference ||
           std::ranges::find(always, field.name) != always.end();
  });
  return summary;
}

}  // namespace

json::object empty_categories() {
  json::object categories;
  for (const std::string_view name : member_categories) categories[name] = json::array{};
  return categories;
}

std::size_t count_of(const Members& members) {
  return std::apply([](const auto&... of_kind) { return (of_kind.size() + ...); }, members);
}

FieldTables member_fields(const Vault& vault) {
  return {secret_fields(vault),
          file_fields(),
          dataset_fields(),
          skillset_fields(),
          bot_fields(),
          ability_fields(),
          trigger_fields(vault, BotOnCreate::optional)};
}

Result<Members> read_members(const Transaction& rows, AccountKey account, BlueprintKey blueprint,
                             std::size_t most) {
  Members members;
  for_each_kind([&]<class Resource>() {
    append(rows, members_by(account, "blueprint", blueprint.value), most,
           std::get<std::vector<Resource>>(members), [](const Resource&) { return true; });
  });
  for (const Skillset& skillset : std::get<std::vector<Skillset>>(members)) {
    append(rows, members_by(account, "skillset", skillset.id.key.value), most,
           std::get<std::vector<Ability>>(members),
           [&](const Ability& ability) { return !belongs(ability, blueprint); });
  }
  if (count_of(members) > most) {
    return fail(
        ErrorCode::invalid,
        fmt::format("The blueprint has more than {} resources, which is the most for this", most),
        "divide it into several blueprints");
  }
  return members;
}

MemberSummaries::MemberSummaries(const FieldTables& fields, AccountKey account,
                                 BlueprintKey blueprint, View view)
    : account_(account), blueprint_(blueprint), view_(view) {
  for_each_kind([&]<class Resource>() {
    std::get<Fields<Resource>>(fields_) = summary_fields(std::get<Fields<Resource>>(fields));
    steps_.push_back(step_through<Resource>("blueprint", blueprint.value));
  });
}

bool MemberSummaries::read_some(const Transaction& rows) {
  Step step = std::move(steps_.front());
  steps_.pop_front();
  if (step(rows)) steps_.push_front(std::move(step));
  return !steps_.empty();
}

template <class Resource>
MemberSummaries::Step MemberSummaries::step_through(std::string_view filter, std::int64_t key) {
  return [this, query = members_by(account_, filter, key),
          is_of_skillset = filter == "skillset"](const Transaction& rows) mutable {
    const std::vector<Resource> page = Rows<Resource>::of(rows).list(query);
    for (const Resource& one : page) {
      if constexpr (std::is_same_v<Resource, Ability>) {
        if (is_of_skillset && belongs(one, blueprint_)) continue;  // it was found already
      }
      add(one);
      if constexpr (std::is_same_v<Resource, Skillset>) {
        steps_.push_back(step_through<Ability>("skillset", one.id.key.value));
      }
    }
    if (page.empty()) return false;
    query.page.after = page.back().id.key.value;
    return static_cast<std::int64_t>(page.size()) == query.page.take;
  };
}

template <class Resource>
void MemberSummaries::add(const Resource& one) {
  found_[category_of<Resource>].get_array().push_back(
      render(std::get<Fields<Resource>>(fields_), one, view_));
  ++count_;
  bytes_ += one.name.size() + one.description.size() + one.meta.size();
}

}  // namespace bellpull
