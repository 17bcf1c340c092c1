// Finding what a path or a body names: by id, or by "@alias" among the caller's own.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "domain/account.h"
#include "domain/approval.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/transaction.h"

namespace bellpull {

// Where a transaction keeps a kind of resource, and what messages call one.
template <class Resource>
struct Rows;

// clang-format off
template <> struct Rows<Account> { static constexpr std::string_view name = "Account"; static auto& of(auto& tx) { return tx.accounts(); } };
template <> struct Rows<Token> { static constexpr std::string_view name = "Token"; static auto& of(auto& tx) { return tx.tokens(); } };
template <> struct Rows<Bot> { static constexpr std::string_view name = "Bot"; static auto& of(auto& tx) { return tx.bots(); } };
template <> struct Rows<Skillset> { static constexpr std::string_view name = "Skillset"; static auto& of(auto& tx) { return tx.skillsets(); } };
template <> struct Rows<Ability> { static constexpr std::string_view name = "Ability"; static auto& of(auto& tx) { return tx.abilities(); } };
template <> struct Rows<Blueprint> { static constexpr std::string_view name = "Blueprint"; static auto& of(auto& tx) { return tx.blueprints(); } };
template <> struct Rows<Dataset> { static constexpr std::string_view name = "Dataset"; static auto& of(auto& tx) { return tx.datasets(); } };
template <> struct Rows<Record> { static constexpr std::string_view name = "Record"; static auto& of(auto& tx) { return tx.records(); } };
template <> struct Rows<Secret> { static constexpr std::string_view name = "Secret"; static auto& of(auto& tx) { return tx.secrets(); } };
template <> struct Rows<PersonalSecret> { static constexpr std::string_view name = "Secret"; static auto& of(auto& tx) { return tx.personal_secrets(); } };
template <> struct Rows<File> { static constexpr std::string_view name = "File"; static auto& of(auto& tx) { return tx.files(); } };
template <> struct Rows<Trigger> { static constexpr std::string_view name = "Trigger"; static auto& of(auto& tx) { return tx.triggers(); } };
template <> struct Rows<Contact> { static constexpr std::string_view name = "Contact"; static auto& of(auto& tx) { return tx.contacts(); } };
template <> struct Rows<Conversation> { static constexpr std::string_view name = "Conversation"; static auto& of(auto& tx) { return tx.conversations(); } };
template <> struct Rows<Approval> { static constexpr std::string_view name = "Approval"; static auto& of(auto& tx) { return tx.approvals(); } };
// clang-format on

template <class Resource>
inline constexpr bool has_alias = requires(Resource resource) { resource.alias; };

inline std::unexpected<Error> not_found(std::string_view what) {
  return fail(ErrorCode::not_found, std::string{what} + " not found");
}
inline std::unexpected<Error> not_authorized() {
  return fail(ErrorCode::forbidden, "Not authorized");
}

// A deleted trigger stays in its table as a name for its events.
template <class Resource>
bool is_alive(const Resource& resource) {
  if constexpr (requires { resource.deleted_at; }) return !resource.deleted_at;
  return true;
}

template <class Resource>
bool is_public(const Resource& resource) {
  if constexpr (requires { resource.visibility; }) {
    return resource.visibility == Visibility::public_;
  }
  return false;
}

// Anyone's, if `text` is an id; the account's own, if it is an alias. Fails with `not_found`.
template <class Resource>
Result<Resource> find_named(const Transaction& snapshot, AccountKey account,
                            std::string_view text) {
  const ResourceStore<Resource>& rows = Rows<Resource>::of(snapshot);
  std::optional<Resource> found;
  if (has_alias<Resource> && text.starts_with('@')) {
    if (text.size() > 1) found = rows.find_alias(account, text.substr(1));
  } else if (const auto id = decltype(Resource::id)::parse(text)) {
    found = rows.find(*id);
  }
  if (!found || !is_alive(*found)) return not_found(Rows<Resource>::name);
  return std::move(*found);
}

// The account's own. Fails with `not_found`, or with `forbidden` when it is another's.
template <class Resource>
Result<Resource> find_own(const Transaction& snapshot, AccountKey account, std::string_view text) {
  Result<Resource> found = find_named<Resource>(snapshot, account, text);
  if (found && found->account != account) return not_authorized();
  return found;
}

// What a body may refer to: the account's own, and what others have made public.
template <class Resource>
Result<Resource> find_usable(const Transaction& snapshot, AccountKey account,
                             std::string_view text) {
  Result<Resource> found = find_named<Resource>(snapshot, account, text);
  if (found && found->account != account && !is_public(*found)) return not_authorized();
  return found;
}

}  // namespace bellpull
