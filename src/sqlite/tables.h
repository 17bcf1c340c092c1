// The tables of the resources, one Table<Resource> each; see columns.h.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "domain/account.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/trigger.h"
#include "sqlite/columns.h"

namespace bellpull {

template <class Resource>
struct Table;

template <>
struct Table<Account> {
  static constexpr std::string_view name = "accounts";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = false;
  static constexpr bool has_alias = false;
  static constexpr bool is_configuration = true;
  static constexpr std::array<FilterColumn, 0> filters{};
  static auto columns() {
    return std::tuple{Column{"name", &Account::name}, Column{"state", &Account::state},
                      Column{"created_at", &Account::created_at}};
  }
};

template <>
struct Table<Token> {
  static constexpr std::string_view name = "tokens";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr bool is_configuration = false;
  static constexpr std::array<FilterColumn, 0> filters{};
  static auto columns() {
    return std::tuple{Column{"account", &Token::account},
                      Column{"digest", &Token::digest},
                      Column{"name", &Token::name},
                      Column{"description", &Token::description},
                      Column{"meta", &Token::meta},
                      Column{"scopes", &Token::scopes},
                      Column{"timestamps", &Token::timestamps},
                      Column{"expires_at", &Token::expires_at},
                      Column{"created_at", &Token::created_at},
                      Column{"updated_at", &Token::updated_at}};
  }
};

template <>
struct Table<Bot> {
  static constexpr std::string_view name = "bots";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr bool is_configuration = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint"},
                                      FilterColumn{"skillset", "skillset"}};
  static auto columns() {
    return std::tuple{Column{"account", &Bot::account},
                      Column{"alias", &Bot::alias},
                      Column{"name", &Bot::name},
                      Column{"description", &Bot::description},
                      Column{"backstory", &Bot::backstory},
                      Column{"model", &Bot::model},
                      Column{"dataset", &Bot::dataset},
                      ReferenceColumn{"skillset", &Bot::skillset, "skillsets"},
                      Column{"privacy", &Bot::privacy},
                      Column{"moderation", &Bot::moderation},
                      Column{"visibility", &Bot::visibility},
                      Column{"meta", &Bot::meta},
                      Column{"created_at", &Bot::created_at},
                      Column{"updated_at", &Bot::updated_at}};
  }
};

template <>
struct Table<Skillset> {
  static constexpr std::string_view name = "skillsets";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr bool is_configuration = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint"}};
  static auto columns() {
    return std::tuple{Column{"account", &Skillset::account},
                      Column{"alias", &Skillset::alias},
                      Column{"name", &Skillset::name},
                      Column{"description", &Skillset::description},
                      Column{"visibility", &Skillset::visibility},
                      Column{"state", &Skillset::state},
                      Column{"meta", &Skillset::meta},
                      Column{"created_at", &Skillset::created_at},
                      Column{"updated_at", &Skillset::updated_at}};
  }
};

template <>
struct Table<Ability> {
  static constexpr std::string_view name = "abilities";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr bool is_configuration = true;
  static constexpr std::array filters{FilterColumn{"skillset", "skillset", true},
                                      FilterColumn{"blueprint", "blueprint"}};
  static auto columns() {
    return std::tuple{Column{"account", &Ability::account},
                      ReferenceColumn{"skillset", &Ability::skillset, "skillsets"},
                      Column{"alias", &Ability::alias},
                      Column{"name", &Ability::name},
                      Column{"description", &Ability::description},
                      Column{"instruction", &Ability::instruction},
                      ReferenceColumn{"bot", &Ability::bot, "bots"},
                      Column{"secret", &Ability::secret},
                      Column{"file", &Ability::file},
                      Column{"space", &Ability::space},
                      Column{"state", &Ability::state},
                      Column{"meta", &Ability::meta},
                      Column{"created_at", &Ability::created_at},
                      Column{"updated_at", &Ability::updated_at}};
  }
};

template <>
struct Table<Trigger> {
  static constexpr std::string_view name = "triggers";
  static constexpr std::string_view alive = "deleted_at is null";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr bool is_configuration = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint"},
                                      FilterColumn{"bot", "bot"}};
  static auto columns() {
    return std::tuple{Column{"account", &Trigger::account},
                      Column{"alias", &Trigger::alias},
                      Column{"name", &Trigger::name},
                      Column{"description", &Trigger::description},
                      ReferenceColumn{"bot", &Trigger::bot, "bots"},
                      BlobColumn{"sealed_secret", &Trigger::sealed_secret},
                      Column{"authenticate", &Trigger::authenticate},
                      Column{"schedule", &Trigger::schedule},
                      Column{"timezone", &Trigger::timezone},
                      Column{"schedule_anchor", &Trigger::schedule_anchor},
                      Column{"session_duration", &Trigger::session_duration},
                      Column{"last_trigger_at", &Trigger::last_trigger_at},
                      Column{"next_trigger_at", &Trigger::next_trigger_at},
                      Column{"meta", &Trigger::meta},
                      Column{"version", &Trigger::version},
                      Column{"deleted_at", &Trigger::deleted_at},
                      Column{"created_at", &Trigger::created_at},
                      Column{"updated_at", &Trigger::updated_at}};
  }
};

template <>
struct Table<Contact> {
  static constexpr std::string_view name = "contacts";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr bool is_configuration = false;
  static constexpr std::array filters{FilterColumn{"email", "email_key", true},
                                      FilterColumn{"phone", "phone_key", true},
                                      FilterColumn{"fingerprint", "fingerprint", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Contact::account},
                      Column{"name", &Contact::name},
                      Column{"description", &Contact::description},
                      Column{"fingerprint", &Contact::fingerprint},
                      Column{"email", &Contact::email},
                      Column{"phone", &Contact::phone},
                      DerivedColumn<Contact>{"email_key", email_key_of},
                      DerivedColumn<Contact>{"phone_key", phone_key_of},
                      Column{"nick", &Contact::nick},
                      Column{"preferences", &Contact::preferences},
                      Column{"verified_at", &Contact::verified_at},
                      Column{"meta", &Contact::meta},
                      Column{"created_at", &Contact::created_at},
                      Column{"updated_at", &Contact::updated_at}};
  }
  static std::optional<std::string> email_key_of(const Contact& contact) {
    if (!contact.email) return std::nullopt;
    return email_key(*contact.email);
  }
  static std::optional<std::string> phone_key_of(const Contact& contact) {
    if (!contact.phone) return std::nullopt;
    return normalise_phone(*contact.phone);
  }
};

template <>
struct Table<Conversation> {
  static constexpr std::string_view name = "conversations";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr bool is_configuration = false;
  static constexpr std::array filters{
      FilterColumn{"bot", "bot"}, FilterColumn{"contact", "contact"},
      FilterColumn{"trigger", "trigger"}, FilterColumn{"task", "task"}};
  static auto columns() {
    return std::tuple{Column{"account", &Conversation::account},
                      Column{"name", &Conversation::name},
                      Column{"description", &Conversation::description},
                      Column{"trigger", &Conversation::trigger},
                      ReferenceColumn{"bot", &Conversation::bot, "bots"},
                      ReferenceColumn{"contact", &Conversation::contact, "contacts"},
                      Column{"task", &Conversation::task},
                      Column{"space", &Conversation::space},
                      Column{"model", &Conversation::model},
                      Column{"backstory", &Conversation::backstory},
                      Column{"dataset", &Conversation::dataset},
                      ReferenceColumn{"skillset", &Conversation::skillset, "skillsets"},
                      Column{"privacy", &Conversation::privacy},
                      Column{"moderation", &Conversation::moderation},
                      Column{"expires_at", &Conversation::expires_at},
                      Column{"meta", &Conversation::meta},
                      Column{"created_at", &Conversation::created_at},
                      Column{"updated_at", &Conversation::updated_at}};
  }
};

}  // namespace bellpull
