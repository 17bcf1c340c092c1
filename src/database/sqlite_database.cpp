#include "database/sqlite_database.h"

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/query.h"
#include "database/sqlite_statement.h"

namespace bellpull {

namespace asio = boost::asio;

// One statement on its way: shared by the caller, who may leave, and the thread, which may be late.
struct SqliteDatabase::Job {
  Job(const asio::any_io_executor& executor, BoundStatement bound, const Clock& clock)
      : statement(std::move(bound)),
        stop(clock, statement.deadline),
        done(executor, statement.deadline - clock.steady_now()) {}

  const BoundStatement statement;
  SqliteStop stop;
  // The executor's:
  asio::steady_timer done;  // expires at the deadline; canceled when the answer is there
  std::optional<QueryAnswer> answer;
};

SqliteDatabase::SqliteDatabase(asio::any_io_executor executor, DatabaseDeclaration declaration,
                               std::filesystem::path data_directory, const Clock& clock)
    : executor_(std::move(executor)),
      declaration_(std::move(declaration)),
      data_directory_(std::move(data_directory)),
      clock_(clock),
      threads_(declaration_.pool) {}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& job : jobs_) {
    if (const auto running = job.lock()) running->stop.cancel();
  }
  threads_.stop();
  threads_.join();
}

namespace {

// Whoever leaves, by cancellation too, leaves nothing running.
struct CancelAtEnd {
  SqliteStop& stop;
  ~CancelAtEnd() { stop.cancel(); }
};

}  // namespace

// On a thread, where nobody would catch what the environment throws.
QueryAnswer SqliteDatabase::run(Job& job) const {
  try {
    return run_on_sqlite(declaration_, data_directory_, job.statement, job.stop);
  } catch (const std::exception&) {
    if (declaration_.writable) {
      return query_failed(QueryCause::outcome_unknown, "The statement's end was not seen",
                          "look whether it was done before sending it again");
    }
    return query_failed(QueryCause::refused, "The file can't be read");
  }
}

Task<QueryAnswer> SqliteDatabase::query(BoundStatement statement) {
  const auto job = std::make_shared<Job>(executor_, std::move(statement), clock_);
  std::erase_if(jobs_, [](const auto& other) { return other.expired(); });
  jobs_.push_back(job);
  const CancelAtEnd cancel{job->stop};
  asio::post(threads_, [this, job] {
    QueryAnswer answer = run(*job);
    asio::post(executor_, [job, answer = std::move(answer)]() mutable {
      job->answer = std::move(answer);
      job->done.cancel();
    });
  });
  boost::system::error_code woken;
  co_await job->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (!woken && !job->answer) {  // the deadline
    job->stop.interrupt();
    job->done.expires_at(asio::steady_timer::time_point::max());
    co_await job->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  std::optional<QueryAnswer> answer = std::move(job->answer);
  if (answer) co_return std::move(*answer);
  co_return query_failed(QueryCause::canceled, "The statement was canceled");
}

}  // namespace bellpull
