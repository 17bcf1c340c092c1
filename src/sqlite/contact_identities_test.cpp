#include "sqlite/contact_identities.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>

#include <gtest/gtest.h>

#include "domain/contact.h"
#include "domain/ids.h"
#include "sqlite/database.h"

namespace bellpull {
namespace {

constexpr AccountKey account{1};
constexpr TriggerKey trigger{2};
const ContactClaim by_email{.email = "Ann@Example.com"};
const ContactClaim by_phone{.phone = "0047 22 33 44 55"};
const ContactClaim by_name{.name = "Ann"};

KnownBy made_by(const ContactClaim& claim) {
  KnownBy known;
  known.add(fingerprint_identity(fingerprint_of(account, trigger, claim)));
  return KnownBy::parse(known.text());
}

TEST(ContactIdentities, AFingerprintIsOfOneAccountAndTheSameInEverySpelling) {
  EXPECT_EQ(fingerprint_of(account, trigger, by_email),
            fingerprint_of(account, TriggerKey{3}, {.email = "ann@example.com"}));
  EXPECT_EQ(fingerprint_of(account, trigger, by_phone),
            fingerprint_of(account, trigger, {.phone = "+4722334455"}));
  EXPECT_NE(fingerprint_of(account, trigger, by_email),
            fingerprint_of(AccountKey{9}, trigger, by_email));
  EXPECT_NE(fingerprint_of(account, trigger, by_name),
            fingerprint_of(account, TriggerKey{3}, by_name));
  EXPECT_EQ(fingerprint_of(account, trigger, {.name = std::string(191, 'x')}).size(), 70U);
}

TEST(ContactIdentities, AnEventNamesWhomItMadeOnce) {
  EXPECT_TRUE(made_by(by_email).names(account, trigger, {.email = "ann@example.com"}));
  EXPECT_TRUE(made_by(by_phone).names(account, trigger,
                                      {.email = "bob@example.com", .phone = "+4722334455"}));
  EXPECT_TRUE(made_by(by_name).names(account, trigger, by_name));
  EXPECT_FALSE(made_by(by_name).names(account, trigger, {.name = "Ann", .email = "b@example.com"}))
      << "a name alone is one, beside an e-mail it is none";
  EXPECT_FALSE(made_by(by_email).names(account, trigger, by_phone));
  EXPECT_FALSE(made_by(by_email).names(account, trigger, {}));
}

TEST(ContactIdentities, PlainFingerprintsOfEventsBecomeDigests) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("contact_identities_" + std::to_string(::getpid()));
  std::filesystem::remove(file);
  {
    Database database{file, OpenMode::create};
    database.execute(R"sql(
      create table contacts (id integer primary key, account integer, fingerprint text);
      create table contact_identities (
        account integer, identity text, contact integer, primary key (account, identity))
        without rowid;
      create table erasures (contact integer primary key, account integer, known_by text);
      insert into contacts values (1, 1, 'event:email:ann@example.com'), (2, 1, 'given-by-hand-01');
      insert into contact_identities values
        (1, 'fingerprint:event:phone:+4722334455', 1), (1, 'email:x@example.com', 1);
      insert into erasures values (3, 1, '["fingerprint:event:name:2:Ann"]');)sql");
    digest_event_fingerprints(database);
    const auto text = [&](std::string_view sql) {
      Statement statement{database, sql};
      statement.step();
      return statement.text(0);
    };
    EXPECT_EQ(text("select fingerprint from contacts where id = 1"),
              fingerprint_of(account, trigger, by_email));
    EXPECT_EQ(text("select fingerprint from contacts where id = 2"), "given-by-hand-01");
    EXPECT_EQ(
        text("select identity from contact_identities where identity <> 'email:x@example.com'"),
        fingerprint_identity(fingerprint_of(account, trigger, by_phone)));
    EXPECT_EQ(text("select count(*) from contact_identities"), "2");
    EXPECT_TRUE(
        KnownBy::parse(text("select known_by from erasures")).names(account, trigger, by_name));
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace bellpull
