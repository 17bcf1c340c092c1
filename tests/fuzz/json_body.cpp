// A body of create or update, for every kind of resource: what is taken can be shown, and what is
// shown can be sent back and changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/abilities.h"
#include "api/blueprints.h"
#include "api/bots.h"
#include "api/change.h"
#include "api/contacts.h"
#include "api/conversations.h"
#include "api/dataset_fields.h"
#include "api/field.h"
#include "api/file_fields.h"
#include "api/json_text.h"
#include "api/messages.h"
#include "api/records.h"
#include "api/secrets.h"
#include "api/skillsets.h"
#include "api/tokens.h"
#include "api/triggers.h"
#include "api/view.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "fuzz/claim.h"
#include "identity/authenticator.h"
#include "support/empty_transaction.h"
#include "support/refusing_store.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

// The kinds whose field tables come with their services, which are not used here.
struct Services {
  RefusingStore store;
  SystemClock clock;
  SystemRandom random;
  Vault vault = *Vault::from_hex(std::string(64, 'a'));
  Authenticator authenticator{store, clock};
  Contacts contacts{store, clock, random};
  Records records{store, clock};
  Tokens tokens{store, clock, random, authenticator};
};

template <class Resource>
bool change(const Fields<Resource>& fields, const boost::json::object& body, Verb verb,
            Resource& resource) {
  static const EmptyTransaction rows;
  const auto parsed = Change<Resource>::parse(fields, body, verb);
  if (!parsed) {
    claim(is_utf8(parsed.error().message) && is_utf8(parsed.error().hint), "UTF-8 in an error");
    claim(!parsed.error().message.empty(), "a word about what is wrong");
    return false;
  }
  return parsed->apply(resource, Edit{.rows = &rows, .account = {1}}).has_value();
}

template <class Resource>
void check(const Fields<Resource>& fields, const boost::json::object& body) {
  Resource resource;
  change(fields, body, Verb::update, resource);
  resource = {};
  if (!change(fields, body, Verb::create, resource)) return;
  const std::string shown = boost::json::serialize(render(fields, resource, View{}));
  claim(is_utf8(to_ascii(shown)), "UTF-8 in a reply");
  const auto again = parse_body(shown);
  claim(again.has_value(), "a reply that can be read");
  claim(change(fields, *again, Verb::update, resource), "a reply that can be sent back");
  claim(boost::json::serialize(render(fields, resource, View{})) == shown,
        "a reply that changes nothing when it is sent back");
}

}  // namespace
}  // namespace bellpull

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  static const Services services;
  static const Fields<Ability> abilities = ability_fields();
  static const Fields<Blueprint> blueprints = blueprint_fields();
  static const Fields<Bot> bots = bot_fields();
  static const Fields<Dataset> datasets = dataset_fields();
  static const Fields<File> files = file_fields();
  static const Fields<Secret> secrets = secret_fields(services.vault);
  static const Fields<Skillset> skillsets = skillset_fields();
  static const Fields<Trigger> triggers = trigger_fields(services.vault, BotOnCreate::optional);
  const auto body = parse_body(text_of(data, size));
  if (!body) {
    claim(is_utf8(body.error().message), "UTF-8 in an error");
    return 0;
  }
  check(abilities, *body);
  check(blueprints, *body);
  check(bots, *body);
  check(services.contacts.fields(), *body);
  check(conversation_fields(), *body);
  check(datasets, *body);
  check(files, *body);
  check(message_fields(), *body);
  check(services.records.fields(), *body);
  check(secrets, *body);
  check(skillsets, *body);
  check(services.tokens.fields(), *body);
  check(triggers, *body);
  return 0;
}
