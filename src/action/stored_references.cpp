#include "action/stored_references.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/block.h"
#include "action/references.h"
#include "action/secret_value.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "secret/sealed_secret.h"
#include "store/list.h"
#include "store/personal_value.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view secret_prefix = "SECRET_";
constexpr std::string_view linked_secret = "SECRET_DEFAULT";
constexpr int secrets_at_once = 100;

struct FoundSecret {
  std::string name;  // as the instruction has it
  std::optional<Secret> secret;
  std::optional<PersonalSecret> personal;
};

struct Found {
  std::vector<FoundSecret> secrets;
  std::optional<Contact> contact;
};

// "CRM key (test)" as CRM_KEY_TEST.
std::string as_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool small = c >= 'a' && c <= 'z';
    if (small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      name += small ? static_cast<char>(c - 'a' + 'A') : c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name;
}

std::optional<Secret> find_by_name(const Transaction& snapshot, AccountKey owner,
                                   std::string_view wanted) {
  ListQuery query{.account = owner, .page = {.take = secrets_at_once, .order = Order::ascending}};
  for (;;) {
    std::vector<Secret> page = snapshot.secrets().list(query);
    if (page.empty()) return std::nullopt;
    query.page.after = page.back().id.key.value;
    for (Secret& secret : page) {
      const bool named =
          as_name(secret.name) == wanted || (secret.alias && as_name(*secret.alias) == wanted);
      if (named) return std::move(secret);
    }
  }
}

std::optional<Secret> find_secret(const Transaction& snapshot, const AbilityLinks& links,
                                  std::string_view name) {
  if (name != linked_secret) {
    return find_by_name(snapshot, links.owner, name.substr(secret_prefix.size()));
  }
  if (!links.secret) return std::nullopt;
  auto linked = snapshot.secrets().find(*links.secret);
  if (linked && linked->account != links.owner) linked.reset();
  return linked;
}

Found read_names(const Transaction& snapshot, const std::vector<std::string>& names,
                 const CallContext& context, const AbilityLinks& links) {
  Found found;
  if (context.contact) found.contact = snapshot.contacts().find(*context.contact);
  for (const std::string& name : names) {
    if (!name.starts_with(secret_prefix)) continue;
    FoundSecret one{.name = name, .secret = find_secret(snapshot, links, name), .personal = {}};
    // A contact is of one account; a secret of another's is none of its own. One that anybody
    // claimed to be has none.
    const bool personal = one.secret && one.secret->kind == SecretUse::personal && found.contact &&
                          !context.from_anybody && found.contact->account == one.secret->account;
    if (personal) one.personal = find_personal_value(snapshot, *one.secret, found.contact->id.key);
    found.secrets.push_back(std::move(one));
  }
  return found;
}

template <class Id>
std::optional<std::string> text_of(const std::optional<Id>& id) {
  if (!id) return std::nullopt;
  return id->text();
}

std::optional<std::string> plain_value(std::string_view name, const CallContext& context,
                                       const AbilityLinks& links,
                                       const std::optional<Contact>& contact) {
  if (name == "BOT_DEFAULT") return text_of(links.bot ? links.bot : context.bot);
  if (name == "FILE_DEFAULT") return text_of(links.file);
  if (name == "SKILLSET_DEFAULT") return text_of(links.skillset);
  if (name == "ABILITY_DEFAULT") return text_of(links.ability);
  if (name == "BLUEPRINT_DEFAULT") return text_of(context.blueprint);
  if (name == "CONVERSATION_ID") return text_of(context.conversation);
  if (name == "CONTACT_ID") return text_of(context.contact);
  if (!contact) return std::nullopt;
  if (name == "CONTACT_NAME") return contact->name;
  if (name == "CONTACT_EMAIL") return contact->email;
  if (name == "CONTACT_PHONE") return contact->phone;
  return std::nullopt;
}

std::unexpected<Error> no_value(std::string_view name, std::string_view why) {
  return fail(ErrorCode::invalid, fmt::format("Nothing was sent: {} {}", name, why));
}

std::string_view why_no_personal(const CallContext& context) {
  if (!context.from_anybody) return "is personal, and the contact of this run has not set it";
  return "is personal, and this run's contact is only claimed: its trigger, or the one that led to "
         "it, takes events without a secret (authenticate: false)";
}

Result<RenderedSecret> render(const FoundSecret& found, const CallContext& context,
                              const Vault& vault, TimePoint now) {
  if (!found.secret) {
    return no_value(found.name, found.name == linked_secret
                                    ? "has no value, because the ability is linked to no secret"
                                    : "is no secret of the account that owns the ability");
  }
  const Secret& secret = *found.secret;
  const bool personal = secret.kind == SecretUse::personal;
  std::optional<std::string> value;
  if (!personal) value = secret_value(vault, secret);
  if (personal && found.personal) value = secret_value(vault, *found.personal);
  if (!value || value->empty()) {
    return no_value(found.name,
                    personal ? why_no_personal(context) : "has no value that can be read");
  }
  const json::object config = secret_config(vault, secret).value_or(json::object{});
  auto rendered = render_secret(secret.type, *value, config, now);
  if (!rendered) return no_value(found.name, "can't be used: " + rendered.error().message);
  return rendered;
}

}  // namespace

Task<Result<ResolvedNames>> StoredReferences::resolve(std::vector<std::string> names,
                                                      CallContext context, AbilityLinks links) {
  const Found found = co_await store_.read(
      [&](const Transaction& snapshot) { return read_names(snapshot, names, context, links); });
  ResolvedNames resolved;
  for (const FoundSecret& secret : found.secrets) {
    auto rendered = render(secret, context, vault_, clock_.now());
    if (!rendered) co_return std::unexpected(std::move(rendered.error()));
    resolved.values.emplace(secret.name, std::move(rendered->value));
    resolved.secrets.push_back({.name = secret.name, .hosts = std::move(rendered->hosts)});
    std::ranges::move(rendered->hidden, std::back_inserter(resolved.hidden));
  }
  for (const std::string& name : names) {
    if (name.starts_with(secret_prefix)) continue;
    auto value = plain_value(name, context, links, found.contact);
    if (!value) co_return no_value(name, "has no value in this run");
    resolved.values.emplace(name, ServerValue{.text = std::move(*value), .scheme = {}});
  }
  co_return resolved;
}

}  // namespace bellpull
