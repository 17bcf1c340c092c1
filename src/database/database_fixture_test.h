// What the tests of databases share: an executor, real time, and answers in one line.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/time.h"
#include "database/databases.h"
#include "database/declaration.h"
#include "database/query.h"
#include "support/run_task.h"

namespace bellpull {

class DatabaseFixture : public testing::Test {
 public:
  DatabaseFixture() {
    std::string name =
        (std::filesystem::temp_directory_path() / "bellpull-database-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    std::filesystem::create_directory(folder / "data");
  }
  ~DatabaseFixture() override {
    databases.reset();
    std::filesystem::remove_all(folder);
  }

 protected:
  void declare(std::vector<DatabaseDeclaration> declarations) {
    databases = std::make_unique<Databases>(context.get_executor(), std::move(declarations),
                                            folder / "data", clock, log);
  }

  Task<QueryAnswer> task(std::string database, std::string text,
                         std::vector<boost::json::value> parameters = {},
                         Duration within = std::chrono::seconds{60}) {
    return databases->query({.database = std::move(database),
                             .text = std::move(text),
                             .parameters = std::move(parameters),
                             .deadline = clock.steady_now() + within});
  }
  QueryAnswer query(std::string database, std::string text,
                    std::vector<boost::json::value> parameters = {},
                    Duration within = std::chrono::seconds{60}) {
    return run_task(context,
                    task(std::move(database), std::move(text), std::move(parameters), within));
  }

  // The rows as JSON; or the cause's name, the SQLSTATE and the message.
  static std::string shown(const QueryAnswer& answer) {
    if (answer) return boost::json::serialize(answer->rows);
    constexpr const char* causes[] = {"invalid",  "unreachable", "refused",        "timed_out",
                                      "canceled", "lost",        "outcome_unknown"};
    return fmt::format("{} {} {}", causes[static_cast<int>(answer.error().cause)],
                       answer.error().sqlstate, answer.error().message);
  }
  std::string rows(std::string database, std::string text,
                   std::vector<boost::json::value> parameters = {}) {
    return shown(query(std::move(database), std::move(text), std::move(parameters)));
  }

  std::filesystem::path folder;
  boost::asio::io_context context{1};
  const SystemClock clock;
  Log log{LogFormat::text, LogLevel::error};
  std::unique_ptr<Databases> databases;
};

}  // namespace bellpull
