// What belongs to a blueprint, kind by kind.
//
// A resource belongs to the blueprint that its `blueprint` names, and an ability to that of its
// skillset as well: a skillset without its abilities would be an empty one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json/object.hpp>

#include "api/field.h"
#include "api/view.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

// What the wire calls each kind; `task` is one of them, and always empty.
inline constexpr std::array<std::string_view, 8> member_categories{
    "bot", "dataset", "skillset", "ability", "secret", "file", "task", "triggerIntegration"};
// Every category with an empty list.
boost::json::object empty_categories();

template <class Resource>
inline constexpr std::string_view category_of;
template <>
inline constexpr std::string_view category_of<Bot> = "bot";
template <>
inline constexpr std::string_view category_of<Dataset> = "dataset";
template <>
inline constexpr std::string_view category_of<Skillset> = "skillset";
template <>
inline constexpr std::string_view category_of<Ability> = "ability";
template <>
inline constexpr std::string_view category_of<Secret> = "secret";
template <>
inline constexpr std::string_view category_of<File> = "file";
template <>
inline constexpr std::string_view category_of<Trigger> = "triggerIntegration";

// One of something for each kind. What is referred to comes before what refers to it.
template <template <class> class One>
using OfEachKind = std::tuple<One<Secret>, One<File>, One<Dataset>, One<Skillset>, One<Bot>,
                              One<Ability>, One<Trigger>>;
// Calls visit.operator()<Resource>() for each kind, in that order.
template <class Visit>
void for_each_kind(Visit visit) {
  visit.template operator()<Secret>();
  visit.template operator()<File>();
  visit.template operator()<Dataset>();
  visit.template operator()<Skillset>();
  visit.template operator()<Bot>();
  visit.template operator()<Ability>();
  visit.template operator()<Trigger>();
}

template <class Resource>
using MembersOf = std::vector<Resource>;
using Members = OfEachKind<MembersOf>;
std::size_t count_of(const Members& members);

using FieldTables = OfEachKind<Fields>;
// With triggers that need no bot: one may have lost its own.
FieldTables member_fields(const Vault& vault);

// All of them, oldest first. Fails with `invalid` when they are more than `most`.
Result<Members> read_members(const Transaction& rows, AccountKey account, BlueprintKey blueprint,
                             std::size_t most);

// The summaries of any number of members, read in steps, so that no snapshot is held for long.
//
// Lifetime: of one request. Threads: one at a time.
class MemberSummaries {
 public:
  MemberSummaries(const FieldTables& fields, AccountKey account, BlueprintKey blueprint, View view);

  // Reads on; gives whether more is left.
  bool read_some(const Transaction& rows);
  std::size_t count() const { return count_; }
  // Of what can be large in them.
  std::size_t bytes() const { return bytes_; }
  // By category.
  boost::json::object take() && { return std::move(found_); }

 private:
  // Reads a page; gives whether there may be another.
  using Step = std::function<bool(const Transaction& rows)>;
  template <class Resource>
  Step step_through(std::string_view filter, std::int64_t key);
  template <class Resource>
  void add(const Resource& one);

  FieldTables fields_;  // of summaries only
  const AccountKey account_;
  const BlueprintKey blueprint_;
  const View view_;
  std::deque<Step> steps_;
  boost::json::object found_ = empty_categories();
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace bellpull
