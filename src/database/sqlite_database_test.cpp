#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "database/database_fixture_test.h"
#include "database/query.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

constexpr const char* endless =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";

class SqliteDatabaseTest : public DatabaseFixture {
 protected:
  SqliteDatabaseTest() {
    make(folder / "shop.db",
         "create table orders (id integer primary key, name text not null, total real, data json);"
         "insert into orders values (1, 'Ann', 9.5, '{\"a\":1}'), (2, 'Bob', null, null);");
    declare({{.name = "shop", .sqlite = (folder / "shop.db").string()},
             {.name = "desk", .sqlite = (folder / "shop.db").string(), .writable = true}});
  }

  static void make(const std::filesystem::path& file, const char* sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }
};

TEST_F(SqliteDatabaseTest, RowsComeAsJson) {
  const QueryAnswer answer = query("shop", "select * from orders order by id");
  ASSERT_TRUE(answer) << shown(answer);
  EXPECT_EQ(answer->columns, (std::vector<std::string>{"id", "name", "total", "data"}));
  EXPECT_EQ(shown(answer), R"([[1,"Ann",9.5E0,{"a":1}],[2,"Bob",null,null]])");
  EXPECT_EQ(answer->affected, std::nullopt);
  EXPECT_EQ(answer->truncated, Truncation::none);
  EXPECT_EQ(rows("shop", "select x'fbff', 9e999, 9007199254740993"),
            R"([["+/8=","Infinity",9007199254740993]])");
}

TEST_F(SqliteDatabaseTest, ParametersKeepTheirTypesAndNumbers) {
  EXPECT_EQ(rows("shop", "select typeof($1), typeof($2), typeof($3), typeof($4), typeof($5), $6",
                 {1, 1.5, true, nullptr, "it's", boost::json::value({{"a", 1}})}),
            R"([["integer","real","integer","null","text","{\"a\":1}"]])");
  EXPECT_EQ(rows("shop", "select $2, $1, $2", {"a", "b"}), R"([["b","a","b"]])");
  EXPECT_EQ(rows("shop", "select name from orders where name = $1", {"' or 1=1 --"}), "[]");
}

TEST_F(SqliteDatabaseTest, ParametersThatDoNotFitAreTold) {
  EXPECT_EQ(query("shop", "select $1, $2", {1}).error().message,
            "The statement has the parameter $2, and 1 value is given");
  EXPECT_EQ(query("shop", "select $1", {1, 2}).error().message,
            "The parameter $2 is given, and not used");
  EXPECT_EQ(query("shop", "select ?", {1}).error().cause, QueryCause::invalid);
  EXPECT_EQ(query("shop", "select $1::int", {1}).error().hint,
            "write casts as cast($1 as integer)");
}

TEST_F(SqliteDatabaseTest, AWriteSaysHowManyRowsItChanged) {
  const QueryAnswer changed = query("desk", "update orders set total = $1", {3});
  ASSERT_TRUE(changed) << shown(changed);
  EXPECT_EQ(changed->affected, 2);
  const QueryAnswer added =
      query("desk", "insert into orders (name) values ($1) returning id, name", {"Cid"});
  EXPECT_EQ(shown(added), R"([[3,"Cid"]])");
  EXPECT_EQ(rows("shop", "select count(*), sum(total) from orders"), "[[3,6E0]]");
  EXPECT_EQ(query("desk", "insert into orders (name) values (null)").error().sqlstate,
            "SQLITE_CONSTRAINT");
}

// Each of these is given to a writable and to a read-only database.
TEST_F(SqliteDatabaseTest, WhatReachesTheHostOrTheSchemaIsRefused) {
  make(folder / "other.db", "create table secrets (word text); insert into secrets values ('x');");
  const std::string other = (folder / "other.db").string();
  const std::string copy = (folder / "copy.db").string();
  for (const std::string& attack :
       {"attach '" + other + "' as other", std::string{"pragma writable_schema = on"},
        std::string{"select * from pragma_table_info('orders')"},
        std::string{"select * from pragma_database_list"}, "select load_extension('" + other + "')",
        "vacuum into '" + copy + "'", std::string{"select fts3_tokenizer('simple')"},
        std::string{"with a as (select 1) delete from sqlite_schema"},
        std::string{"update sqlite_schema set sql = ''"},
        std::string{"update sqlite_master set type = 'view'"},
        std::string{"insert into sqlite_schema values (1,2,3,4,5)"},
        std::string{"create table mine (a)"}, std::string{"create temp table mine (a)"},
        std::string{"drop table orders"}, std::string{"begin"}, std::string{"commit"},
        std::string{"select 1; delete from orders"}, std::string{"select 1; attach 'a' as b"},
        std::string{"explain select 1; delete from orders"}}) {
    for (const char* database : {"shop", "desk"}) {
      const QueryAnswer answer = query(database, attack);
      ASSERT_FALSE(answer) << attack << " gave " << shown(answer);
    }
  }
  EXPECT_FALSE(std::filesystem::exists(copy));
  EXPECT_EQ(rows("shop", "select count(*) from orders"), "[[2]]");
}

TEST_F(SqliteDatabaseTest, AReadOnlyDatabaseIsNotWrittenToInAnyDisguise) {
  for (const char* attack :
       {"insert into orders (name) values ('x')", "delete from orders",
        "replace into orders values (1,'x',1,1)",
        "with a as (select 1) insert into orders (name) select 'x' from a",
        "with a as (select 1) delete from orders", "/* select */ update orders set name = 'x'"}) {
    EXPECT_FALSE(query("shop", attack)) << attack;
  }
  EXPECT_EQ(rows("shop", "select count(*), min(name) from orders"), R"([[2,"Ann"]])");
}

TEST_F(SqliteDatabaseTest, TheAuthorizerHoldsByItself) {
  const QueryAnswer answer = query("shop", "with a as (select 1) delete from orders");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().sqlstate, "SQLITE_AUTH") << shown(answer);
  EXPECT_EQ(query("desk", "insert into sqlite_schema values (1, 2, 3, 4, 5)").error().sqlstate,
            "SQLITE_AUTH");
}

TEST_F(SqliteDatabaseTest, RowsAndBytesAreLimited) {
  const std::string numbers =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
  const QueryAnswer many = query("shop", numbers);
  ASSERT_TRUE(many) << shown(many);
  EXPECT_EQ(many->rows.size(), 200U);
  EXPECT_EQ(many->truncated, Truncation::rows);
  EXPECT_EQ(query("shop", numbers + " limit 200")->truncated, Truncation::none);
  const QueryAnswer wide = query("shop", "select zeroblob(100000) from (" + numbers + ") limit 50");
  EXPECT_EQ(wide->rows.size(), 2U);
  EXPECT_EQ(wide->truncated, Truncation::bytes);
  EXPECT_EQ(query("shop", "select zeroblob(100000000)").error().sqlstate, "SQLITE_TOOBIG");
  EXPECT_EQ(query("shop", "select zeroblob(300000)")->truncated, Truncation::bytes);
}

TEST_F(SqliteDatabaseTest, AWriteWhoseRowsDoNotFitIsStillWhole) {
  const QueryAnswer answer =
      query("desk",
            "with recursive n(i) as (select 1 union all select i + 1 from n limit 500) "
            "insert into orders (name) select 'x' from n returning id");
  ASSERT_TRUE(answer) << shown(answer);
  EXPECT_EQ(answer->rows.size(), 200U);
  EXPECT_EQ(answer->affected, 500);
  EXPECT_EQ(rows("shop", "select count(*) from orders"), "[[502]]");
}

TEST_F(SqliteDatabaseTest, AStatementEndsAtItsDeadline) {
  const auto begun = clock.steady_now();
  const QueryAnswer answer = query("shop", endless, {}, 100ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().cause, QueryCause::timed_out);
  EXPECT_LT(clock.steady_now() - begun, 5s);
  EXPECT_EQ(query("shop", "select 1", {}, 0ms).error().cause, QueryCause::unreachable);
}

TEST_F(SqliteDatabaseTest, CancelingTheTaskInterruptsTheStatement) {
  boost::asio::cancellation_signal cancel;
  std::optional<QueryAnswer> answer;
  boost::asio::co_spawn(context, task("shop", endless),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr, QueryAnswer given) {
                              answer = std::move(given);
                            }));
  context.poll();
  cancel.emit(boost::asio::cancellation_type::terminal);
  while (!answer && context.run_one() > 0) {
  }
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().cause, QueryCause::canceled);
  const auto begun = clock.steady_now();
  databases.reset();
  EXPECT_LT(clock.steady_now() - begun, 5s) << "the thread is not at it any more";
}

// What one instruction does is beyond every deadline.
TEST_F(SqliteDatabaseTest, AFunctionThatWouldTakeMinutesIsRefused) {
  const std::string long_text = "hex(zeroblob(500000))";
  for (const std::string& costly :
       {"instr(" + long_text + ", " + long_text + " || 'x')",
        std::string{"instr(zeroblob(1000000), zeroblob(500000) || x'01')"},
        "replace(" + long_text + ", " + long_text + " || 'x', '')",
        "trim(" + long_text + ", " + long_text + ")", "ltrim(" + long_text + ", " + long_text + ")",
        "rtrim(" + long_text + ", " + long_text + ")",
        "json_patch('{\"' || " + long_text + " || '\":1}', '{\"' || " + long_text +
            " || '\":1}')"}) {
    const auto begun = clock.steady_now();
    const QueryAnswer answer = query("shop", "select length(" + costly + ")");
    EXPECT_LT(clock.steady_now() - begun, 1s) << costly;
    ASSERT_FALSE(answer) << costly << " gave " << shown(answer);
    EXPECT_EQ(answer.error().sqlstate, "SQLITE_TOOBIG") << costly;
    EXPECT_NE(answer.error().message.find("would take too long"), std::string::npos)
        << shown(answer);
  }
  EXPECT_FALSE(query("shop", "select " + long_text + " like $1", {boost::json::string(300, '%')}));
  EXPECT_FALSE(
      query("shop", "select name from orders where name glob $1", {boost::json::string(300, 'a')}));
}

TEST_F(SqliteDatabaseTest, BoundedFunctionsDoWhatTheLibrarysDo) {
  EXPECT_EQ(rows("shop",
                 "select instr('b\u00fccher', 'cher'), instr(x'00ff01', x'01'), instr(12345, 34),"
                 " instr(null, 'a'), instr('abc', '')"),
            "[[3,3,3,null,1]]");
  EXPECT_EQ(rows("shop",
                 "select replace('aXbX', 'X', 'yy'), replace('a', '', 'b'),"
                 " replace(121, 1, 3), typeof(replace(121, 1, 3)), replace('a', null, 'b')"),
            R"([["ayybyy","a","323","text",null]])");
  EXPECT_EQ(rows("shop",
                 "select trim('xyaxy', 'yx'), ltrim('xxa', 'x'), rtrim('a\u00e9\u00e9', '\u00e9'),"
                 " trim('  a ')"),
            R"([["a","a","a","a"]])");
  EXPECT_EQ(rows("shop", R"(select json_object('a', json_patch('{"b":1}', '{"c":2}')))"),
            R"([["{\"a\":{\"b\":1,\"c\":2}}"]])");
  EXPECT_FALSE(query("shop", R"(select json_patch('{', '{}'))")) << "its own complaint";
  EXPECT_EQ(rows("shop", "select instr(hex(zeroblob(500000)) || 'x', 'x')"), "[[1000001]]")
      << "a short word in the longest text";
}

TEST_F(SqliteDatabaseTest, AFilesOwnUseOfTheFunctionsHolds) {
  make(folder / "shop.db",
       "create table codes (code text check (instr(code, '-') > 0));"
       "create index plain_codes on codes (replace(code, '-', ''));"
       "insert into codes values ('a-1')");
  EXPECT_EQ(rows("desk", "insert into codes values ('b-2') returning code"), R"([["b-2"]])");
  EXPECT_FALSE(query("desk", "insert into codes values ('b2')"));
  EXPECT_EQ(rows("shop", "select code from codes where replace(code, '-', '') = 'b2'"),
            R"([["b-2"]])");
}

TEST_F(SqliteDatabaseTest, AValueThatIsTooLongIsToldAndTheRestIsRead) {
  make(folder / "shop.db",
       "insert into orders values (7, hex(zeroblob(1000000)), 7, null), (8, 'Fay', 8, null)");
  const QueryAnswer answer = query("shop", "select name from orders where id = 7");
  ASSERT_FALSE(answer);
  EXPECT_EQ(shown(answer),
            "refused SQLITE_TOOBIG A value or row is longer than 1048576 bytes, the most that is "
            "read");
  EXPECT_EQ(rows("shop", "select id, total from orders where id > 6 order by id"),
            "[[7,7E0],[8,8E0]]");
  EXPECT_EQ(query("desk", "delete from orders where id = 7")->affected, 1);
  EXPECT_EQ(query("shop", "select $1", {boost::json::array(600'000, 1)}).error().message,
            "The parameter $1 is longer than 1048576 bytes")
      << "and is not bound as nothing";
  EXPECT_EQ(query("desk", "delete from orders")->affected, 3);
}

// The end of the server, which cancels no task before.
TEST_F(SqliteDatabaseTest, AStopEndsAStatementThatIsUnderWay) {
  boost::asio::co_spawn(context,
                        task("desk",
                             "insert into orders (name) with recursive n(i) as "
                             "(select 1 union all select i + 1 from n) "
                             "select 'x' from n where i < 0"),
                        [](std::exception_ptr, const QueryAnswer&) {});
  context.poll();
  sqlite3* other = nullptr;
  sqlite3_open((folder / "shop.db").c_str(), &other);
  while (sqlite3_exec(other, "begin immediate; rollback", nullptr, nullptr, nullptr) !=
         SQLITE_BUSY) {
  }
  const auto begun = clock.steady_now();
  databases.reset();
  EXPECT_LT(clock.steady_now() - begun, 5s);
  EXPECT_EQ(sqlite3_exec(other, "begin immediate; rollback", nullptr, nullptr, nullptr), SQLITE_OK)
      << "and undoes it";
  sqlite3_close(other);
}

TEST_F(SqliteDatabaseTest, WhoLeavesDoesNotWaitForALock) {
  sqlite3* other = nullptr;
  sqlite3_open((folder / "shop.db").c_str(), &other);
  sqlite3_exec(other, "begin exclusive", nullptr, nullptr, nullptr);
  for (int i = 0; i < 4; ++i) {  // as many as have a thread
    boost::asio::co_spawn(context, task("desk", "delete from orders"),
                          [](std::exception_ptr, const QueryAnswer&) {});
  }
  context.poll();
  const auto begun = clock.steady_now();
  databases.reset();
  EXPECT_LT(clock.steady_now() - begun, 3s);
  sqlite3_close(other);
}

TEST_F(SqliteDatabaseTest, AnotherWriterIsWaitedForAndThenTold) {
  sqlite3* other = nullptr;
  sqlite3_open((folder / "shop.db").c_str(), &other);
  sqlite3_exec(other, "begin immediate", nullptr, nullptr, nullptr);
  const QueryAnswer answer = query("desk", "delete from orders", {}, 200ms);
  sqlite3_close(other);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().sqlstate, "SQLITE_BUSY") << shown(answer);
  EXPECT_EQ(rows("shop", "select count(*) from orders"), "[[2]]");
}

TEST_F(SqliteDatabaseTest, FullTextTablesWork) {
  make(folder / "shop.db",
       "create virtual table notes using fts5(body); insert into notes values ('a red fox')");
  EXPECT_EQ(rows("shop", "select body from notes where notes match $1", {"fox"}),
            R"([["a red fox"]])");
  EXPECT_EQ(query("desk", "insert into notes values ('a grey fox')")->affected, 1);
  EXPECT_EQ(rows("shop", "select count(*) from notes where notes match $1", {"fox"}), "[[2]]");
}

TEST_F(SqliteDatabaseTest, AFileThatBecameALinkIntoTheDataDirectoryIsNotOpened) {
  make(folder / "data" / "bellpull.db", "create table tokens (word text)");
  std::filesystem::remove(folder / "shop.db");
  std::filesystem::create_symlink(folder / "data" / "bellpull.db", folder / "shop.db");
  const QueryAnswer answer = query("shop", "select * from tokens");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().cause, QueryCause::unreachable);
  EXPECT_EQ(answer.error().message.find(folder.string()), std::string::npos) << "no path in it";
}

TEST_F(SqliteDatabaseTest, AnUnknownDatabaseNamesTheKnownOnes) {
  EXPECT_EQ(query("shpo", "select 1").error().hint, "there is desk, shop");
  EXPECT_EQ(databases->names(), (std::vector<std::string>{"desk", "shop"}));
  EXPECT_TRUE(databases->is_writable("desk"));
  EXPECT_FALSE(databases->is_writable("shop"));
  EXPECT_FALSE(databases->is_writable("shpo"));
}

}  // namespace
}  // namespace bellpull
