#include "database/statement_check.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "database/query.h"

namespace bellpull {
namespace {

BoundStatement statement(std::string text) {
  return {.database = "crm", .text = std::move(text), .parameters = {}, .deadline = {}};
}

TEST(StatementCheckTest, TheFirstWordStandsBehindCommentsAndBrackets) {
  EXPECT_EQ(first_word("SELECT 1"), "select");
  EXPECT_EQ(first_word(" \n\t((select 1))"), "select");
  EXPECT_EQ(first_word("-- commit;\nValues (1)"), "values");
  EXPECT_EQ(first_word("/* a /* b */ select */ commit"), "commit");
  EXPECT_EQ(first_word("/* never closed select"), "");
  EXPECT_EQ(first_word("-- nothing"), "");
  EXPECT_EQ(first_word("select\x01"), "select");
  EXPECT_EQ(first_word("; select 1"), "");
}

TEST(StatementCheckTest, StatementsAboutSessionOrServerAreRefusedEverywhere) {
  for (const char* text : {"commit",
                           "rollback",
                           "begin",
                           "start transaction",
                           "end",
                           "savepoint a",
                           "release a",
                           "prepare transaction 'x'",
                           "prepare p as select 1",
                           "execute p",
                           "deallocate all",
                           "set role x",
                           "reset all",
                           "discard all",
                           "listen c",
                           "notify c",
                           "unlisten *",
                           "load 'x'",
                           "copy t to program 'x'",
                           "call p()",
                           "do $$ begin end $$",
                           "create table t()",
                           "drop table t",
                           "alter system set a = 1",
                           "vacuum",
                           "lock t",
                           "declare c cursor for select 1",
                           "fetch c",
                           "attach 'x' as y",
                           "pragma journal_mode",
                           "checkpoint",
                           "grant a to b",
                           "truncate t",
                           "",
                           ";",
                           "ſelect 1"}) {
    for (const bool writable : {false, true}) {
      const auto fault = fault_of(statement(text), writable);
      ASSERT_TRUE(fault) << text;
      EXPECT_EQ(fault->cause, QueryCause::invalid);
      EXPECT_FALSE(fault->hint.empty()) << text;
    }
  }
}

TEST(StatementCheckTest, WritesNeedAWritableDatabase) {
  for (const char* text : {"insert into t values (1)", "update t set a = 1", "delete from t"}) {
    EXPECT_TRUE(fault_of(statement(text), false)) << text;
    EXPECT_FALSE(fault_of(statement(text), true)) << text;
  }
  EXPECT_FALSE(fault_of(statement("with a as (select 1) select * from a"), false));
}

TEST(StatementCheckTest, WhatWouldBeCutOffIsRefused) {
  EXPECT_TRUE(fault_of(statement(std::string("select 1\0; drop", 15)), false));
  EXPECT_TRUE(fault_of(statement("select '\xff'"), false));
  EXPECT_TRUE(fault_of(statement("select '" + std::string(70'000, 'a') + "'"), false));
  BoundStatement bound = statement("select $1");
  bound.parameters = {boost::json::string(std::string("a\0b", 3))};
  EXPECT_TRUE(fault_of(bound, false));
  bound.parameters = {boost::json::string(std::string(2'000'000, 'a'))};
  EXPECT_TRUE(fault_of(bound, false));
}

}  // namespace
}  // namespace bellpull
