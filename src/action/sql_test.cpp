#include "action/sql.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "action/action.h"
#include "action/action_set.h"
#include "action/instruction.h"
#include "action/sql_reply.h"
#include "base/log.h"
#include "base/time.h"
#include "database/databases.h"
#include "database/declaration.h"
#include "database/query.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

class SqlTest : public testing::Test {
 public:
  SqlTest() {
    std::string name = (std::filesystem::temp_directory_path() / "bellpull-sql-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    sqlite3* connection = nullptr;
    sqlite3_open((folder / "shop.db").c_str(), &connection);
    sqlite3_exec(connection,
                 "create table orders (id integer primary key, name text);"
                 "insert into orders (name) values ('Ann'), ('Bob')",
                 nullptr, nullptr, nullptr);
    sqlite3_close(connection);
    databases = std::make_unique<Databases>(
        context.get_executor(),
        std::vector<DatabaseDeclaration>{
            {.name = "shop", .sqlite = (folder / "shop.db").string(), .max_rows = 5},
            {.name = "desk", .sqlite = (folder / "shop.db").string(), .writable = true}},
        folder / "data", clock, log);
    actions.add("sql", std::make_unique<SqlAction>(*databases));
  }
  ~SqlTest() override {
    databases.reset();
    std::filesystem::remove_all(folder);
  }

  SqlTest(const SqlTest&) = delete;
  SqlTest& operator=(const SqlTest&) = delete;

 protected:
  // What a call of an ability with that block gives.
  std::string call(const std::string& block, const std::string& arguments = "{}") {
    const Instruction instruction = parse_instruction("```sql\n" + block + "\n```", actions);
    const auto values = instruction.accept(boost::json::parse(arguments).as_object());
    if (!values) return values.error().message;
    auto input = instruction.blocks().front().fill(*values, {});
    if (!input) return input.error().message;
    ActionRequest request{.input = std::move(*input),
                          .deadline = clock.steady_now() + std::chrono::seconds{10}};
    const ActionOutcome outcome =
        run_task(context, actions.find("sql")->execute(std::move(request)));
    return boost::json::serialize(outcome.result);
  }

  std::filesystem::path folder;
  boost::asio::io_context context{1};
  const SystemClock clock;
  Log log{LogFormat::text, LogLevel::error};
  std::unique_ptr<Databases> databases;
  ActionSet actions;
};

TEST_F(SqlTest, ArgumentsBecomeParameters) {
  const std::string block =
      "database: shop\nstatement: |\n  select id, name from orders where name = $[name!]";
  EXPECT_EQ(call(block, R"({"name": "Bob"})"), R"({"rows":[{"id":2,"name":"Bob"}]})");
  EXPECT_EQ(call(block, R"({"name": "' or 1=1 --"})"), R"({"rows":[]})");
  EXPECT_EQ(call("database: shop\nstatement: select typeof($[n! number]) as a, typeof($[t!]) as b",
                 R"({"n": 1.5, "t": "x"})"),
            R"({"rows":[{"a":"real","b":"text"}]})");
}

TEST_F(SqlTest, AStatementMayBeTheWholeText) {
  const Instruction instruction =
      parse_instruction("```sql/database=shop\nselect count(*) as n from orders\n```", actions);
  EXPECT_EQ(instruction.kind(), InstructionKind::runs) << instruction.text();
  auto input = instruction.blocks().front().fill({}, {});
  ASSERT_TRUE(input);
  EXPECT_EQ(boost::json::serialize(*input),
            R"({"statement":"select count(*) as n from orders","database":"shop"})");
}

TEST_F(SqlTest, AWriteSaysWhatItChanged) {
  EXPECT_EQ(
      call("database: desk\nstatement: update orders set name = $[name!]", R"({"name": "Cid"})"),
      R"({"affected":2})");
  EXPECT_EQ(call("database: desk\nstatement: delete from orders where id = 1 returning id, id"),
            R"({"rows":[{"id":1,"id_2":1}],"affected":1})");
}

TEST_F(SqlTest, WhatWasLeftOutIsSaid) {
  const std::string reply =
      call("database: shop\nstatement: select 1 as a from orders a, orders b, orders c");
  EXPECT_NE(reply.find(R"("truncated":"Only the first 5 rows are here)"), std::string::npos)
      << reply;
}

TEST_F(SqlTest, RefusalsSayWhatToDo) {
  EXPECT_EQ(call("statement: select 1"), R"({"error":"database is required"})");
  EXPECT_EQ(
      call("database: shpo\nstatement: select 1"),
      R"({"error":"There is no database shpo","cause":"invalid","hint":"there is desk, shop"})");
  EXPECT_EQ(call("database: shop\nstatement: select '$[name!]'", R"({"name": "x"})"),
            R"({"error":"The parameter $1 is given, and not used","cause":"invalid",)"
            R"("hint":"write placeholders without quotes around them: name = $[name]"})");
  EXPECT_NE(call("database: shop\nstatement: delete from orders").find("for reading only"),
            std::string::npos);
}

TEST_F(SqlTest, AWriteWhoseEndWasNotSeenHasAnUnknownOutcome) {
  const auto outcome =
      outcome_of(QueryFailure{.cause = QueryCause::outcome_unknown, .message = "It was cut"});
  EXPECT_TRUE(outcome.is_error);
  EXPECT_TRUE(outcome.outcome_unknown);
  EXPECT_EQ(outcome.result.at("error"), "outcome_unknown");
  EXPECT_FALSE(outcome_of(QueryFailure{.cause = QueryCause::timed_out}).outcome_unknown);
}

TEST_F(SqlTest, OnlyReadingMayBeRepeated) {
  const auto repeats = [&](const char* database) {
    return actions.find("sql")->is_idempotent({.input = {{"database", database}}});
  };
  EXPECT_TRUE(repeats("shop"));
  EXPECT_FALSE(repeats("desk"));
}

}  // namespace
}  // namespace bellpull
