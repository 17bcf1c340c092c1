// What statements try that nobody allowed them, against a real server: models-and-tools, and more.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "database/declaration.h"
#include "database/postgres_fixture_test.h"
#include "database/query.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

using PostgresAttackTest = PostgresFixture;

struct Attack {
  const char* text;
  const char* refusal;  // how the answer begins
};

// The role may write and owns a function that does: only the transaction is in the way.
TEST_F(PostgresAttackTest, AReadOnlyDatabaseIsNotWrittenToWithARoleThatMay) {
  server.run(R"sql(
    create extension dblink;
    set role writer;
    create function sneak() returns int language plpgsql as
      $$ begin insert into orders values (9, 'x', 1); return 1; end $$;
    create function unlock_and_sneak() returns int language plpgsql as
      $$ begin set transaction read write; insert into orders values (9, 'x', 1); return 1; end $$;
    create function default_and_sneak() returns int language plpgsql as
      $$ begin perform set_config('default_transaction_read_only', 'off', false);
               insert into orders values (9, 'x', 1); return 1; end $$;
    create function commit_and_sneak() returns int language plpgsql as
      $$ begin commit; insert into orders values (9, 'x', 1); return 1; end $$;
    create sequence numbers)sql");
  declare({careless()});
  for (const Attack& attack : std::vector<Attack>{
           {"set default_transaction_read_only = off; insert into orders values (9, 'x', 1)",
            "invalid"},
           {"set transaction read write", "invalid"},
           {"commit; insert into orders values (9, 'x', 1)", "invalid"},
           {"insert into orders values (9, 'x', 1)", "invalid"},
           {"select 1; insert into orders values (9, 'x', 1)", "refused 42601"},
           {"select 1; commit; insert into orders values (9, 'x', 1)", "refused 42601"},
           {"select 1; set transaction read write", "refused 42601"},
           {"with a as (insert into orders values (9, 'x', 1) returning id) select * from a",
            "refused 25006"},
           {"explain analyze insert into orders values (9, 'x', 1)", "refused 25006"},
           {"explain (analyze) delete from orders", "refused 25006"},
           {"select * into stolen from orders", "refused 25006"},
           {"select * from orders for update", "refused 25006"},
           {"select nextval('numbers')", "refused 25006"},
           {"select sneak()", "refused 25006"},
           {"select unlock_and_sneak()", "refused 25001"},
           {"select default_and_sneak()", "refused 25006"},
           {"select commit_and_sneak()", "refused 2D000"},
           {"select set_config('transaction_read_only', 'off', true)", "refused 25001"},
           {"select set_config('transaction_read_only', 'off', false)", "refused 25001"},
           {"select lo_create(77)", "[[77]]"},  // undone: see below
           {"select pg_notify('channel', 'x')", "[[\"\"]]"},
           {"select * from dblink('dbname=postgres', 'insert into orders values (9) returning 1') "
            "as t(a int)",
            "refused 2F003"},
           {"select * from dblink_exec('host=127.0.0.1', 'delete from orders')", "refused 2F003"},
       }) {
    const std::string answer = rows("careless", attack.text);
    EXPECT_TRUE(answer.starts_with(attack.refusal)) << attack.text << " gave " << answer;
  }
  EXPECT_EQ(server.run("select count(*) from orders"), "2");
  EXPECT_EQ(server.run("select count(*) from pg_largeobject_metadata"), "0")
      << "PostgreSQL 15 makes large objects in a read-only transaction, which is rolled back";
  EXPECT_EQ(server.run("select count(*) from pg_class where relname = 'stolen'"), "0");
}

TEST_F(PostgresAttackTest, FilesAndProgramsOfTheHostAreOutOfReach) {
  declare({careless(), writer()});
  for (const char* text : {"select lo_import('/etc/passwd')",
                           "select lo_export(1, '/tmp/x')",
                           "select pg_read_file('/etc/passwd')",
                           "select pg_read_binary_file('/etc/passwd')",
                           "select pg_ls_dir('/')",
                           "select pg_stat_file('/')",
                           "copy orders to program 'touch /tmp/x'",
                           "copy orders from '/etc/passwd'",
                           "select 1; copy orders to program 'touch /tmp/x'",
                           "load '/tmp/x.so'",
                           "select pg_reload_conf()",
                           "select pg_rotate_logfile()",
                           "select pg_switch_wal()",
                           "select pg_promote()",
                           "select pg_create_restore_point('x')",
                           "select rolpassword from pg_authid",
                           "select * from pg_hba_file_rules",
                           "select set_config('role', 'admin', false)",
                           "select set_config('session_authorization', 'admin', false)",
                           "select set_config('log_statement', 'none', false)",
                           "do $$ begin end $$",
                           "call p()",
                           "prepare transaction 'left'",
                           "create extension dblink",
                           "alter role writer superuser"}) {
    for (const char* database : {"careless", "desk"}) {
      const QueryAnswer answer = query(database, text);
      EXPECT_FALSE(answer) << text << " gave " << shown(answer);
    }
  }
}

TEST_F(PostgresAttackTest, OtherRolesSessionsAreOutOfReach) {
  declare({careless(), reader()});
  const std::string pid = rows("crm", "select pg_backend_pid()");
  const std::string number = pid.substr(2, pid.size() - 4);
  for (const char* function : {"pg_terminate_backend", "pg_cancel_backend"}) {
    const std::string answer =
        rows("careless", "select " + std::string{function} + "(" + number + ")");
    EXPECT_TRUE(answer.starts_with("refused 42501")) << answer;
  }
  EXPECT_EQ(rows("crm", "select pg_backend_pid()"), pid);
}

// A role may end its own sessions; the next statement gets a new one.
TEST_F(PostgresAttackTest, AStatementThatEndsItsOwnSessionHarmsNoOther) {
  declare({careless(), writer()});
  EXPECT_TRUE(
      rows("careless", "select pg_terminate_backend(pg_backend_pid())").starts_with("lost"));
  EXPECT_EQ(rows("careless", "select 1"), "[[1]]");
  EXPECT_TRUE(
      rows("desk", "select pg_terminate_backend(pg_backend_pid())").starts_with("outcome_unknown"));
  EXPECT_EQ(rows("desk", "select 1"), "[[1]]");
}

TEST_F(PostgresAttackTest, NothingLeaksToTheNextStatement) {
  server.run("set role writer; create sequence numbers");
  DatabaseDeclaration one = writer();
  one.pool = 1;
  declare({one});
  const std::string session = rows("desk", "select pg_backend_pid()");
  for (const char* text :
       {"select set_config('search_path', 'evil', false)",
        "select set_config('my.word', 'secret', false)",
        "select set_config('statement_timeout', '1', false)",
        "select set_config('timezone', 'Asia/Tokyo', false)", "select pg_advisory_lock(42)",
        "select 1 as a into temp leftover", "select nextval('numbers')"}) {
    EXPECT_TRUE(query("desk", text)) << text << ": " << rows("desk", text);
  }
  EXPECT_EQ(rows("desk", "select pg_backend_pid()"), session) << "it is the same session";
  EXPECT_EQ(
      rows("desk",
           "select current_setting('search_path'), coalesce(current_setting('my.word', true), ''), "
           "current_setting('timezone'), current_setting('statement_timeout') <> '1ms'"),
      R"([["public, pg_temp","","UTC",true]])");
  EXPECT_EQ(server.run("select count(*) from pg_locks where locktype = 'advisory'"), "0");
  EXPECT_TRUE(rows("desk", "select * from leftover").starts_with("refused 42P01"));
  EXPECT_TRUE(rows("desk", "select lastval()").starts_with("refused 55000"));
  EXPECT_EQ(server.run("select count(*) from pg_prepared_xacts"), "0");
}

TEST_F(PostgresAttackTest, ASearchPathOfTheRoleDoesNotCount) {
  server.run(R"sql(
    create schema evil; grant usage on schema evil to reader;
    create function evil.count_all() returns text language sql as $$ select 'evil' $$;
    alter role reader set search_path = evil)sql");
  declare({reader()});
  EXPECT_TRUE(rows("crm", "select count_all()").starts_with("refused 42883"));
}

TEST_F(PostgresAttackTest, ARoleThatMayDoTooMuchIsNotUsed) {
  server.run(R"sql(
    create role boss superuser login password 'b0ss';
    create role heir login password 'he1r'; grant boss to heir;
    create role clerk login password 'cl3rk'; grant pg_read_server_files to clerk)sql");
  DatabaseDeclaration declared{
      .name = "root", .postgresql = server.uri("boss", "b0ss"), .superuser = true};
  declare({{.name = "boss", .postgresql = server.uri("boss", "b0ss")},
           {.name = "heir", .postgresql = server.uri("heir", "he1r")},
           {.name = "clerk", .postgresql = server.uri("clerk", "cl3rk")},
           declared});
  for (const char* name : {"boss", "heir", "clerk"}) {
    EXPECT_EQ(rows(name, "select 1"), "unreachable  The database " + std::string{name} +
                                          " is not used: its role may do too much");
  }
  EXPECT_EQ(rows("root", "select 1"), "[[1]]");
  EXPECT_TRUE(rows("root", "delete from orders").starts_with("invalid"));
}

}  // namespace
}  // namespace bellpull
