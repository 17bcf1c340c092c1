// The tables of the resources, one Table<Resource> each; see columns.h.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "domain/account.h"
#include "domain/approval.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/secret.h"
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
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint", true},
                                      FilterColumn{"skillset", "skillset"}};
  static auto columns() {
    return std::tuple{Column{"account", &Bot::account},
                      Column{"alias", &Bot::alias},
                      Column{"name", &Bot::name},
                      Column{"description", &Bot::description},
                      ReferenceColumn{"blueprint", &Bot::blueprint, "blueprints"},
                      Column{"backstory", &Bot::backstory},
                      Column{"model", &Bot::model},
                      ReferenceColumn{"dataset", &Bot::dataset, "datasets"},
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
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Skillset::account},
                      Column{"alias", &Skillset::alias},
                      Column{"name", &Skillset::name},
                      Column{"description", &Skillset::description},
                      ReferenceColumn{"blueprint", &Skillset::blueprint, "blueprints"},
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
  static constexpr std::array filters{FilterColumn{"skillset", "skillset", true},
                                      FilterColumn{"blueprint", "blueprint", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Ability::account},
                      ReferenceColumn{"skillset", &Ability::skillset, "skillsets"},
                      Column{"alias", &Ability::alias},
                      Column{"name", &Ability::name},
                      Column{"description", &Ability::description},
                      ReferenceColumn{"blueprint", &Ability::blueprint, "blueprints"},
                      Column{"instruction", &Ability::instruction},
                      ReferenceColumn{"bot", &Ability::bot, "bots"},
                      ReferenceColumn{"secret", &Ability::secret, "secrets"},
                      ReferenceColumn{"file", &Ability::file, "files"},
                      Column{"space", &Ability::space},
                      Column{"state", &Ability::state},
                      Column{"meta", &Ability::meta},
                      Column{"created_at", &Ability::created_at},
                      Column{"updated_at", &Ability::updated_at}};
  }
};

template <>
struct Table<Blueprint> {
  static constexpr std::string_view name = "blueprints";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr std::array<FilterColumn, 0> filters{};
  static auto columns() {
    return std::tuple{Column{"account", &Blueprint::account},
                      Column{"alias", &Blueprint::alias},
                      Column{"name", &Blueprint::name},
                      Column{"description", &Blueprint::description},
                      Column{"config", &Blueprint::config},
                      Column{"visibility", &Blueprint::visibility},
                      Column{"meta", &Blueprint::meta},
                      Column{"created_at", &Blueprint::created_at},
                      Column{"updated_at", &Blueprint::updated_at}};
  }
};

template <>
struct Table<Dataset> {
  static constexpr std::string_view name = "datasets";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Dataset::account},
                      Column{"alias", &Dataset::alias},
                      Column{"name", &Dataset::name},
                      Column{"description", &Dataset::description},
                      ReferenceColumn{"blueprint", &Dataset::blueprint, "blueprints"},
                      Column{"store", &Dataset::store},
                      Column{"reranker", &Dataset::reranker},
                      Column{"record_max_tokens", &Dataset::record_max_tokens},
                      Column{"search_min_score", &Dataset::search_min_score},
                      Column{"search_max_records", &Dataset::search_max_records},
                      Column{"search_max_tokens", &Dataset::search_max_tokens},
                      Column{"match_instruction", &Dataset::match_instruction},
                      Column{"mismatch_instruction", &Dataset::mismatch_instruction},
                      Column{"separators", &Dataset::separators},
                      Column{"visibility", &Dataset::visibility},
                      Column{"meta", &Dataset::meta},
                      Column{"created_at", &Dataset::created_at},
                      Column{"updated_at", &Dataset::updated_at}};
  }
};

template <>
struct Table<Record> {
  static constexpr std::string_view name = "records";
  // What an import left behind, or has not finished, is not there.
  static constexpr std::string_view alive =
      "(attachment is null or exists (select 1 from attachments shown where shown.id = attachment "
      "and shown.shown_import = import))";
  static constexpr std::string_view index_condition = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr std::array filters{FilterColumn{"dataset", "dataset", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Record::account},
                      ReferenceColumn{"dataset", &Record::dataset, "datasets"},
                      Column{"attachment", &Record::attachment},
                      Column{"import", &Record::import},
                      Column{"source", &Record::source},
                      Column{"meta", &Record::meta},
                      Column{"created_at", &Record::created_at},
                      Column{"updated_at", &Record::updated_at},
                      Column{"text", &Record::text}};
  }
};

template <>
struct Table<Attachment> {
  static constexpr std::string_view name = "attachments";
  static constexpr std::string_view alive = "state <> 3";  // detached
  static constexpr std::string_view index_condition = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr std::array filters{FilterColumn{"dataset", "dataset", true},
                                      FilterColumn{"file", "file", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Attachment::account},
                      ReferenceColumn{"dataset", &Attachment::dataset, "datasets"},
                      ReferenceColumn{"file", &Attachment::file, "files"},
                      Column{"state", &Attachment::state},
                      Column{"problem", &Attachment::problem},
                      Column{"last_import", &Attachment::last_import},
                      Column{"starts", &Attachment::starts},
                      Column{"shown_import", &Attachment::shown_import},
                      Column{"records", &Attachment::records},
                      Column{"created_at", &Attachment::created_at},
                      Column{"updated_at", &Attachment::updated_at}};
  }
};

template <>
struct Table<Secret> {
  static constexpr std::string_view name = "secrets";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Secret::account},
                      Column{"alias", &Secret::alias},
                      Column{"name", &Secret::name},
                      Column{"description", &Secret::description},
                      ReferenceColumn{"blueprint", &Secret::blueprint, "blueprints"},
                      Column{"kind", &Secret::kind},
                      Column{"type", &Secret::type},
                      BlobColumn{"sealed_value", &Secret::sealed_value},
                      BlobColumn{"sealed_config", &Secret::sealed_config},
                      Column{"revoked_through", &Secret::revoked_through},
                      Column{"visibility", &Secret::visibility},
                      Column{"meta", &Secret::meta},
                      Column{"created_at", &Secret::created_at},
                      Column{"updated_at", &Secret::updated_at}};
  }
};

template <>
struct Table<PersonalSecret> {
  static constexpr std::string_view name = "personal_secrets";
  // Of a secret that is still there, still personal (SecretUse), and was not revoked since.
  static constexpr std::string_view alive =
      "exists (select 1 from secrets owner where owner.id = personal_secrets.secret"
      " and owner.kind = 1 and owner.revoked_through < personal_secrets.id)";
  // A look passes no more void values than it may pass rows: there can be very many after a revoke.
  static constexpr std::string_view index_condition = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr std::array filters{FilterColumn{"secret", "secret", true},
                                      FilterColumn{"contact", "contact", true}};
  static auto columns() {
    return std::tuple{Column{"account", &PersonalSecret::account},
                      ReferenceColumn{"secret", &PersonalSecret::secret, "secrets"},
                      ReferenceColumn{"contact", &PersonalSecret::contact, "contacts"},
                      BlobColumn{"sealed_value", &PersonalSecret::sealed_value},
                      Column{"created_at", &PersonalSecret::created_at},
                      Column{"updated_at", &PersonalSecret::updated_at}};
  }
};

template <>
struct Table<File> {
  static constexpr std::string_view name = "files";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint", true}};
  static auto columns() {
    return std::tuple{Column{"account", &File::account},
                      Column{"alias", &File::alias},
                      Column{"name", &File::name},
                      Column{"description", &File::description},
                      ReferenceColumn{"blueprint", &File::blueprint, "blueprints"},
                      Column{"content_type", &File::content_type},
                      Column{"content_size", &File::content_size},
                      Column{"content", &File::content},
                      Column{"visibility", &File::visibility},
                      Column{"meta", &File::meta},
                      Column{"created_at", &File::created_at},
                      Column{"updated_at", &File::updated_at}};
  }
};

template <>
struct Table<Trigger> {
  static constexpr std::string_view name = "triggers";
  static constexpr std::string_view alive = "deleted_at is null";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = true;
  static constexpr std::array filters{FilterColumn{"blueprint", "blueprint", true},
                                      FilterColumn{"bot", "bot", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Trigger::account},
                      Column{"alias", &Trigger::alias},
                      Column{"name", &Trigger::name},
                      Column{"description", &Trigger::description},
                      ReferenceColumn{"blueprint", &Trigger::blueprint, "blueprints"},
                      ReferenceColumn{"bot", &Trigger::bot, "bots"},
                      BlobColumn{"sealed_secret", &Trigger::sealed_secret},
                      BlobColumn{"sealed_previous_secret", &Trigger::sealed_previous_secret},
                      Column{"previous_secret_until", &Trigger::previous_secret_until},
                      Column{"state", &Trigger::state},
                      Column{"rate_limit", &Trigger::rate_limit},
                      Column{"authenticate", &Trigger::authenticate},
                      Column{"schedule", &Trigger::schedule},
                      Column{"timezone", &Trigger::timezone},
                      Column{"schedule_anchor", &Trigger::schedule_anchor},
                      Column{"schedule_start_at", &Trigger::schedule_start_at},
                      Column{"schedule_end_at", &Trigger::schedule_end_at},
                      Column{"schedule_jitter", &Trigger::schedule_jitter},
                      Column{"schedule_catch_up", &Trigger::schedule_catch_up},
                      Column{"schedule_catch_up_limit", &Trigger::schedule_catch_up_limit},
                      Column{"schedule_catch_up_window", &Trigger::schedule_catch_up_window},
                      Column{"schedule_overlap", &Trigger::schedule_overlap},
                      Column{"schedule_pause_after", &Trigger::schedule_pause_after},
                      Column{"schedule_body", &Trigger::schedule_body},
                      Column{"schedule_session", &Trigger::schedule_session},
                      Column{"schedule_contact", &Trigger::schedule_contact},
                      Column{"schedule_state", &Trigger::schedule_state},
                      Column{"schedule_error", &Trigger::schedule_error},
                      Column{"schedule_resumed_at", &Trigger::schedule_resumed_at},
                      Column{"session_duration", &Trigger::session_duration},
                      Column{"delivery_id", &Trigger::delivery_id},
                      Column{"last_trigger_at", &Trigger::last_trigger_at},
                      Column{"next_due_at", &Trigger::next_due_at},
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
  static constexpr bool is_indexed_apart = true;  // see index_reader.h
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
                      ReferenceColumn{"dataset", &Conversation::dataset, "datasets"},
                      ReferenceColumn{"skillset", &Conversation::skillset, "skillsets"},
                      Column{"privacy", &Conversation::privacy},
                      Column{"moderation", &Conversation::moderation},
                      Column{"expires_at", &Conversation::expires_at},
                      Column{"meta", &Conversation::meta},
                      Column{"created_at", &Conversation::created_at},
                      Column{"updated_at", &Conversation::updated_at}};
  }
};

template <>
struct Table<Approval> {
  static constexpr std::string_view name = "approvals";
  static constexpr std::string_view alive = "true";
  static constexpr bool has_account = true;
  static constexpr bool has_alias = false;
  static constexpr std::array filters{
      FilterColumn{"call", "call_key", true}, FilterColumn{"run", "run", true},
      FilterColumn{"state", "state", true}, FilterColumn{"trigger", "trigger", true},
      FilterColumn{"conversation", "conversation", true}};
  static auto columns() {
    return std::tuple{Column{"account", &Approval::account},
                      Column{"run", &Approval::run},
                      ReferenceColumn{"trigger", &Approval::trigger, "triggers"},
                      ReferenceColumn{"conversation", &Approval::conversation, "conversations"},
                      Column{"call_key", &Approval::call_key},
                      Column{"question", &Approval::question},
                      Column{"details", &Approval::details},
                      Column{"state", &Approval::state},
                      Column{"expires_at", &Approval::expires_at},
                      Column{"decided_at", &Approval::decided_at},
                      Column{"decided_by", &Approval::decided_by},
                      Column{"decider_name", &Approval::decider_name},
                      Column{"note", &Approval::note},
                      Column{"created_at", &Approval::created_at}};
  }
};

}  // namespace bellpull
