// One connection to a SQLite database, and its prepared statements.
//
// Every failure of SQLite throws SqliteError with SQLite's extended code; a violated unique index
// is one of them, and callers that expect it look at is_unique_violation().
// Lifetime: statements borrow their database. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace bellpull {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }
  bool is_unique_violation() const;
  // The disk is full: nothing was kept, and the next commit may work.
  bool is_full() const;
  // Writing or flushing failed: what is on disk must be verified before anything else is written.
  bool is_io_failure() const;

 private:
  int code_;
};

enum class OpenMode : std::uint8_t { create, write, read };

class Database {
 public:
  Database(const std::filesystem::path& file, OpenMode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs SQL text of any number of statements.
  void execute(const std::string& sql);
  std::int64_t last_row() const;
  std::int64_t changes() const;
  // By all statements since it was opened.
  std::int64_t total_changes() const;
  sqlite3* handle() const { return handle_; }
  // The texts and blobs of rows that were read so far, together: by it a list knows how large its
  // rows are.
  std::size_t bytes_read() const { return bytes_read_; }

 private:
  friend class Statement;

  sqlite3* handle_ = nullptr;
  std::size_t bytes_read_ = 0;
};

// Bytes, where a string would be text.
struct Blob {
  std::string_view bytes;
};

// A prepared statement. bind() takes 1-based parameters; text and blobs are borrowed until the
// next reset(), which step() does by itself when the rows are used up.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  void bind(int index, std::int64_t value);
  void bind_real(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void bind_null(int index);
  template <class T>
  void bind_optional(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind_null(index);
    }
  }

  // Binds all parameters in order, from 1.
  template <class... Values>
  Statement& with(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }

  // The next row, or false and a reset statement.
  bool step();
  // For a statement without rows: runs it and gives the number of changed rows.
  std::int64_t run();
  void reset();

  std::int64_t number(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  // Valid until the next step.
  std::string_view view(int column) const;
  bool is_null(int column) const;
  std::optional<std::int64_t> optional_number(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  [[noreturn]] void fail_with(int code);

  Database* database_;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace bellpull
