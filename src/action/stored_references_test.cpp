// Secrets and other names of the server on the real store, through a real ability and real HTTP.
#include "action/stored_references.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "action/ability.h"
#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/standard_actions.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "database/databases.h"
#include "domain/account.h"
#include "domain/contact.h"
#include "domain/secret.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "mail/mailer.h"
#include "mcp/mcp_servers.h"
#include "secret/sealed_secret.h"
#include "store/store_fixture.h"
#include "store/transaction.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

class StoredReferencesTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    account = add(Account{.name = "a"}).id.key;
    links.owner = account;
    context.account = account;
    references.emplace(*store, vault, clock);
  }

  Account add(Account made) {
    return transact([&](Transaction& tx) -> Result<Account> {
             if (auto kept = tx.accounts().add(made); !kept) return std::unexpected(kept.error());
             return made;
           })
        .value();
  }
  Contact add(Contact made) {
    return transact([&](Transaction& tx) -> Result<Contact> {
             if (auto kept = tx.contacts().add(made); !kept) return std::unexpected(kept.error());
             return made;
           })
        .value();
  }

  Secret add_secret(std::string name, SecretType type, std::string value, std::string config = {},
                    SecretUse kind = SecretUse::shared) {
    return transact([&](Transaction& tx) -> Result<Secret> {
             Secret secret{.account = account, .name = name, .kind = kind, .type = type};
             if (auto kept = tx.secrets().add(secret); !kept) return std::unexpected(kept.error());
             if (!value.empty()) secret.new_value = value;
             if (!config.empty()) secret.new_config = config;
             seal_given(vault, secret);
             if (auto kept = tx.secrets().update(secret); !kept)
               return std::unexpected(kept.error());
             return secret;
           })
        .value();
  }

  ActionOutcome call(const std::string& block, const std::string& arguments = "{}") {
    const AbilityFunction ability{{.name = "one",
                                   .description = "",
                                   .instruction = "```fetch\n" + block + "\n```",
                                   .links = links},
                                  "one",
                                  {actions, *references, gates, system_clock}};
    return run_task(
        io, ability.execute({.arguments = boost::json::parse(arguments).as_object(),
                             .context = context,
                             .idempotency_key = "key",
                             .deadline = system_clock.steady_now() + std::chrono::seconds{9}}));
  }
  static std::string text(const ActionOutcome& outcome) {
    return boost::json::serialize(outcome.result);
  }

  AccountKey account;
  Vault vault = Vault::from_hex(std::string(64, 'a')).value();
  boost::asio::io_context io{1};
  SystemClock system_clock;
  SeededRandom seeded{1};
  DnsResolver resolver{io.get_executor(), system_clock};
  HttpClient client{io.get_executor(),
                    AllowList::parse({"127.0.0.1"}).value(),
                    {resolver, resolver},
                    system_clock};
  Mailer mailer{io.get_executor(), std::nullopt, resolver, system_clock};
  Databases databases{io.get_executor(), {}, {}, system_clock, log};
  McpServers servers{io.get_executor(), {}, client, system_clock, log};
  ActionSet actions = standard_actions({client, mailer, databases, servers, system_clock, seeded});
  AbilityGates gates{0};
  AbilityLinks links;
  CallContext context;
  std::optional<StoredReferences> references;
};

// What came in as Authorization.
class Told {
 public:
  Told()
      : server_([](const StandInRequest& request) {
          return StandInReply{
              .headers = {{"Content-Type", "application/json"}},
              .body = R"({"you said":")" + std::string(request.header("authorization")) +
                      R"(","body":)" + (request.body.empty() ? "null" : request.body) + "}"};
        }) {}
  std::string url(const std::string& path = "/") const { return server_.url(path); }
  std::string last() const {
    return std::string(server_.requests().back().header("authorization"));
  }
  std::size_t count() const { return server_.requests().size(); }

 private:
  const HttpStandIn server_;
};

TEST_F(StoredReferencesTest, ASecretGoesOutByItsTypeAndDoesNotComeBack) {
  const Told told;
  add_secret("CRM key (live)", SecretType::bearer, "s3cr3t-bearer");
  add_secret("shop", SecretType::basic, "ann:s3cr3t-password");
  links.secret = add_secret("linked", SecretType::plain, "s3cr3t-plain").id;

  const auto bearer = call(told.url() + "\nAuthorization: ${SECRET_CRM_KEY_LIVE}");
  EXPECT_EQ(told.last(), "Bearer s3cr3t-bearer");
  EXPECT_FALSE(bearer.is_error) << text(bearer);
  EXPECT_EQ(text(bearer).find("s3cr3t"), std::string::npos) << text(bearer);
  EXPECT_NE(text(bearer).find("[redacted]"), std::string::npos) << text(bearer);

  const auto basic = call(told.url() + "\nAuthorization: Basic {{SECRET_SHOP}}");
  EXPECT_EQ(told.last(), "Basic YW5uOnMzY3IzdC1wYXNzd29yZA==");
  EXPECT_EQ(text(basic).find("YW5u"), std::string::npos) << text(basic);

  const auto plain = call("POST " + told.url() + "\nAuthorization: Token ${SECRET_DEFAULT}\n\n" +
                          R"({"k": "${SECRET_DEFAULT}"})");
  EXPECT_EQ(told.last(), "Token s3cr3t-plain");
  EXPECT_EQ(text(plain).find("s3cr3t"), std::string::npos) << text(plain);
}

TEST_F(StoredReferencesTest, AnArgumentNamesNoSecret) {
  const Told told;
  add_secret("crm", SecretType::plain, "s3cr3t-plain");
  const auto outcome =
      call(told.url() + "\nAuthorization: $[a]", R"({"a":"${SECRET_CRM} {{SECRET_CRM}}"})");
  EXPECT_EQ(told.last(), "${SECRET_CRM} {{SECRET_CRM}}");
  EXPECT_FALSE(outcome.is_error);
}

TEST_F(StoredReferencesTest, ASecretStaysWithItsHosts) {
  const Told told;
  add_secret("crm", SecretType::plain, "s3cr3t-plain");
  add_secret("bound", SecretType::plain, "s3cr3t-bound", R"({"hosts":["127.0.0.1"]})");
  add_secret("elsewhere", SecretType::plain, "s3cr3t-else", R"({"hosts":["api.example"]})");
  const std::string argument = R"({"u":")" + told.url() + R"("})";

  EXPECT_NE(text(call("$[u!]\nAuthorization: ${SECRET_CRM}", argument)).find("bound to no host"),
            std::string::npos);
  EXPECT_NE(
      text(call(told.url() + "\nAuthorization: ${SECRET_ELSEWHERE}")).find("for api.example only"),
      std::string::npos);
  EXPECT_EQ(told.count(), 0U);
  EXPECT_FALSE(call("$[u!]\nAuthorization: ${SECRET_BOUND}", argument).is_error);
  EXPECT_EQ(told.last(), "s3cr3t-bound");
}

TEST_F(StoredReferencesTest, ARedirectTakesNoSecretToAnotherOrigin) {
  const Told told;
  const HttpStandIn moving([&](const StandInRequest&) {
    return StandInReply{.status = 307, .headers = {{"Location", told.url("/elsewhere")}}};
  });
  add_secret("crm", SecretType::plain, "s3cr3t-plain");
  const auto outcome = call("POST " + moving.url() + "\n\n{\"k\": \"${SECRET_CRM}\"}");
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("status").to_number<int>(), 307);
  EXPECT_EQ(told.count(), 0U);
}

TEST_F(StoredReferencesTest, AnEventSendsNoSecretToTheHostThatItNames) {
  const Told told;
  add_secret("crm", SecretType::plain, "s3cr3t");
  add_secret("bound", SecretType::plain, "s3cr3t", R"({"hosts": ["127.0.0.1"]})");
  const std::string port = told.url().substr(std::string_view("http://127.0.0.1").size());
  const Contact here = add(Contact{.account = account, .name = "127.0.0.1", .fingerprint = "here"});
  context.contact = here.id;
  const auto sends = [&](const std::string& url, const std::string& secret) {
    return call(url + "\nAuthorization: ${SECRET_" + secret + "}");
  };
  const std::string claimed = "http://${CONTACT_NAME}" + port;
  EXPECT_NE(text(sends(claimed, "CRM")).find("chosen by the caller"), std::string::npos);
  EXPECT_NE(text(sends("POST " + claimed, "CRM")).find("chosen by the caller"), std::string::npos);
  EXPECT_EQ(told.count(), 0U);
  EXPECT_FALSE(sends(claimed, "BOUND").is_error) << "its owner says where it may go";
  EXPECT_FALSE(sends(told.url("/${CONTACT_NAME}"), "CRM").is_error) << "a path is no host";
  EXPECT_EQ(told.count(), 2U);
}

TEST_F(StoredReferencesTest, ANameWithoutAValueStopsTheCall) {
  const Told told;
  account = add(Account{.name = "b"}).id.key;
  add_secret("theirs", SecretType::plain, "s3cr3t-theirs");
  add_secret("mine", SecretType::oauth, "s3cr3t");
  for (const auto* name :
       {"SECRET_DEFAULT", "SECRET_THEIRS", "SECRET_NONE", "CONTACT_EMAIL", "FILE_DEFAULT"}) {
    const auto outcome = call(told.url() + "\nX-One: ${" + name + "}");
    EXPECT_TRUE(outcome.is_error) << name;
    EXPECT_NE(text(outcome).find(std::string("Nothing was sent: ") + name), std::string::npos)
        << text(outcome);
  }
  EXPECT_EQ(told.count(), 0U);
}

TEST_F(StoredReferencesTest, APersonalSecretIsTheContacts) {
  const Told told;
  const Secret secret = add_secret("diary", SecretType::bearer, "", {}, SecretUse::personal);
  const Contact ann = add(Contact{.account = account, .name = "Ann", .fingerprint = "ann"});
  const Contact bob = add(Contact{.account = account, .name = "Bob", .fingerprint = "bob"});
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
    PersonalSecret value{.account = account, .secret = secret.id, .contact = ann.id};
    value.sealed_value = vault.seal("s3cr3t-ann", personal_secret_place(secret.id.key, ann.id.key));
    if (auto kept = tx.personal_secrets().add(value); !kept) return std::unexpected(kept.error());
    return true;
  }));
  const std::string block = told.url() + "\nAuthorization: ${SECRET_DIARY}";
  EXPECT_NE(text(call(block)).find("is personal"), std::string::npos);
  context.contact = bob.id;
  EXPECT_NE(text(call(block)).find("has not set it"), std::string::npos);
  EXPECT_EQ(told.count(), 0U);
  context.contact = ann.id;
  EXPECT_FALSE(call(block).is_error);
  EXPECT_EQ(told.last(), "Bearer s3cr3t-ann");
}

// Whoever may send an event may name the contact in it.
TEST_F(StoredReferencesTest, AContactThatAnybodyClaimedToBeHasNoPersonalSecret) {
  const Told told;
  const Secret secret = add_secret("diary", SecretType::bearer, "", {}, SecretUse::personal);
  add_secret("shared", SecretType::bearer, "s3cr3t-shared");
  const Contact ann = add(Contact{.account = account, .name = "Ann", .fingerprint = "ann"});
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
    PersonalSecret value{.account = account, .secret = secret.id, .contact = ann.id};
    value.sealed_value = vault.seal("s3cr3t-ann", personal_secret_place(secret.id.key, ann.id.key));
    if (auto kept = tx.personal_secrets().add(value); !kept) return std::unexpected(kept.error());
    return true;
  }));
  context.contact = ann.id;
  context.from_anybody = true;
  const auto outcome = call(told.url() + "\nAuthorization: ${SECRET_DIARY}");
  EXPECT_TRUE(outcome.is_error);
  EXPECT_NE(text(outcome).find("contact is only claimed"), std::string::npos) << text(outcome);
  EXPECT_EQ(told.count(), 0U);
  EXPECT_FALSE(call(told.url() + "\nAuthorization: ${SECRET_SHARED}").is_error)
      << "the account's own are for every run";
}

TEST_F(StoredReferencesTest, WhoseRunItIsCanBeNamed) {
  const Told told;
  const Contact ann = add(
      Contact{.account = account, .name = "Ann", .fingerprint = "ann", .email = "ann@x.example"});
  context.contact = ann.id;
  EXPECT_FALSE(call(told.url() + "\nAuthorization: ${CONTACT_NAME} ${CONTACT_EMAIL} ${CONTACT_ID}")
                   .is_error);
  EXPECT_EQ(told.last(), "Ann ann@x.example " + ann.id.text());
}

}  // namespace
}  // namespace bellpull
