#include "sqlite/jobs.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "sqlite/database.h"
#include "sqlite/transaction.h"
#include "sqlite/write_session.h"
#include "sqlite/writer.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// Chunks in one transaction; the writer behind them is never started.
class JobsTest : public testing::Test {
 protected:
  void SetUp() override {
    session.begin();
    EXPECT_TRUE(rows.accounts().add(account));
  }
  void TearDown() override {
    session.roll_back();
    std::filesystem::remove_all(folder);
  }

  std::int64_t count(const std::string& table) {
    Statement statement{session.database(), "select count(*) from " + table};
    statement.step();
    return statement.number(0);
  }
  void start_removing(std::int64_t conversation) {
    rows.start_job(account.id.key, JobKind::remove_messages, conversation);
  }

  const std::filesystem::path folder = [] {
    auto path = std::filesystem::temp_directory_path() / ("jobs_" + std::to_string(::getpid()));
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path;
  }();
  SystemRandom random;
  SystemClock clock;
  Log log{LogFormat::text, LogLevel::error};
  WriteSession session{folder / "main.db", random};
  SqliteTransaction& rows = session.transaction();
  Writer writer{folder / "main.db", random, {}, log};
  Jobs jobs{writer, clock, log};
  Account account{.name = "a"};
};

TEST_F(JobsTest, AMergeMovesNothingWhileTheIndexIsFarBehind) {
  Contact from{.account = account.id.key, .fingerprint = "from-0123456789"};
  Contact into{.account = account.id.key, .fingerprint = "into-0123456789"};
  ASSERT_TRUE(rows.contacts().add(from));
  ASSERT_TRUE(rows.contacts().add(into));
  Conversation one{.account = account.id.key, .contact = from.id};
  ASSERT_TRUE(rows.conversations().add(one));
  ASSERT_TRUE(rows.contact_records().merge(from, into, clock.now()));
  start_removing(0);
  session.database().execute(R"sql(
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000)
    insert into stale (conversation) select i from n)sql");
  const auto contact = [&] { return rows.conversations().find(one.id.key)->contact; };

  for (int i = 0; i < 5; ++i) jobs.run(session);
  EXPECT_EQ(contact(), from.id);
  EXPECT_EQ(count("jobs"), 1) << "what came after it is done";

  session.database().execute("delete from stale");
  for (int i = 0; i < 5; ++i) jobs.run(session);
  EXPECT_EQ(contact(), into.id);
  EXPECT_EQ(count("jobs"), 0);
}

TEST_F(JobsTest, AContactThatGoesTakesItsPersonalValuesAlong) {
  const auto add = [&](const std::string& fingerprint) {
    Contact contact{.account = account.id.key, .fingerprint = fingerprint};
    EXPECT_TRUE(rows.contacts().add(contact));
    for (int i = 1; i <= 30; ++i) {
      PersonalSecret value{.account = account.id.key, .secret = {{i}, {}}, .contact = contact.id};
      EXPECT_TRUE(rows.personal_secrets().add(value));
    }
    return contact;
  };
  const Contact merged = add("merged-0123456789");
  const Contact erased = add("erased-0123456789");
  const Contact other = add("other-0123456789");
  ASSERT_TRUE(rows.contact_records().merge(merged, other, clock.now()));
  ASSERT_TRUE(rows.contact_records().erase(erased, clock.now()));
  while (count("jobs") > 0) jobs.run(session);
  EXPECT_EQ(count("personal_secrets"), 30);
  EXPECT_EQ(count("personal_secrets where contact = " + std::to_string(other.id.key.value)), 30);
}

// How many a commit does depends on the machine's speed, too; of one each it would be 200.
TEST_F(JobsTest, ManySmallJobsShareACommit) {
  for (int i = 0; i < 200; ++i) start_removing(i);
  int commits = 0;
  for (; count("jobs") > 0; ++commits) jobs.run(session);
  EXPECT_LT(commits, 150);
}

TEST_F(JobsTest, JobsThatShareACommitChangeNoMoreRowsThanOne) {
  session.database().execute(R"sql(
    with recursive n (i) as (select 0 union all select i + 1 from n where i < 499)
    insert into messages (conversation, number, type, run, step, part, created_at)
    select i / 20, i, 0, 0, 0, 0, 0 from n)sql");
  for (int i = 0; i < 25; ++i) start_removing(i);
  std::int64_t before = count("messages");
  while (count("jobs") > 0) {
    jobs.run(session);
    const std::int64_t left = count("messages");
    EXPECT_LE(before - left, 45) << "a job of 20 may begin when 24 are done";
    before = left;
  }
  EXPECT_EQ(before, 0);
}

}  // namespace
}  // namespace bellpull
