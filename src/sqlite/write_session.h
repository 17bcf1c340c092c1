// The writer's connection with everything prepared on it. After a failure it is thrown away and a
// new one is opened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/random.h"
#include "sqlite/database.h"
#include "sqlite/event_writer.h"
#include "sqlite/run_records.h"
#include "sqlite/transaction.h"
#include "sqlite/written.h"

namespace bellpull {

class WriteSession {
 public:
  // Brings the schema up to date, moves what the log file holds into the main file, and proves with
  // a commit of its own that flushing works. Throws when any of it fails.
  WriteSession(const std::filesystem::path& file, Random& random);

  void begin();
  void commit();
  // Undoes everything since begin(); never throws.
  void roll_back() noexcept;

  // Runs `work`, and undoes what it did when it returns false or throws.
  void run_undoably(const std::function<bool(Transaction&)>& work);

  // Bytes of the log in use, as of the last commit.
  std::int64_t log_bytes() const { return log_pages_ * page_size; }

  Database& database() { return database_; }
  Written& written() { return written_; }
  EventWriter& events() { return events_; }
  RunRecords& records() { return records_; }
  SqliteTransaction& transaction() { return transaction_; }

 private:
  static constexpr std::int64_t page_size = 4096;

  Database database_;
  Written written_;
  SqliteTransaction transaction_;
  EventWriter events_;
  RunRecords records_;
  Statement begin_;
  Statement commit_;
  Statement savepoint_;
  Statement undo_;
  Statement release_;
  std::int64_t mark_ = 0;
  std::int64_t log_pages_ = 0;
};

}  // namespace bellpull
