// A PostgreSQL server for the tests of one suite, with a reader, a writer and some orders.
#pragma once

#include "database/database_fixture_test.h"
#include "database/declaration.h"
#include "support/postgres_server.h"

namespace bellpull {

class PostgresFixture : public DatabaseFixture {
 protected:
  PostgresFixture() {
    server.run(R"sql(
      create table orders (id int primary key, name text not null, total numeric(20, 2));
      insert into orders values (1, 'Ann', 9.50), (2, 'Bob', null);
      create role reader login password 'r3ader'; grant select on orders to reader;
      create role writer login password 'wr1ter';
      grant select, insert, update, delete on orders to writer;
      grant create on schema public to writer)sql");
  }

  DatabaseDeclaration reader() const {
    return {.name = "crm", .postgresql = server.uri("reader", "r3ader")};
  }
  // Its role may write: what keeps statements from it is ours.
  DatabaseDeclaration careless() const {
    return {.name = "careless", .postgresql = server.uri("writer", "wr1ter")};
  }
  DatabaseDeclaration writer() const {
    return {.name = "desk", .postgresql = server.uri("writer", "wr1ter"), .writable = true};
  }

  PostgresServer server;
};

}  // namespace bellpull
