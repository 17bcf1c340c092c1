#include "database/sqlite_functions.h"

#include <cstdint>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <sqlite3.h>

namespace bellpull {

namespace {

struct Costly {
  const char* name;
  int arguments;
  // Of the bytes of the first two arguments, multiplied.
  std::int64_t max_work;
};

// As measured: 4 GiB of comparing take instr() 0.1 s, 128 MiB of trying characters take trim() 0.3
// s (instr() of 1 MiB and 64 KiB 0.7 s, trim() of 1 MiB and 12 KiB 9.7 s with 3.40). A version of
// the library has not all of them.
constexpr std::int64_t compared = std::int64_t{4} << 30;
constexpr std::int64_t tried = std::int64_t{128} << 20;
constexpr Costly costly_functions[] = {{"instr", 2, compared},      {"replace", 3, compared},
                                       {"trim", 2, tried},          {"ltrim", 2, tried},
                                       {"rtrim", 2, tried},         {"unhex", 2, tried},
                                       {"json_patch", 2, compared}, {"jsonb_patch", 2, compared}};

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Connection = std::unique_ptr<sqlite3, Close>;
using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

// Null where there is no such function.
Prepared prepare_call(sqlite3* connection, const Costly& function) {
  std::string text = fmt::format("select {}(?", function.name);
  for (int i = 1; i < function.arguments; ++i) text += ", ?";
  text += ")";
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v3(connection, text.c_str(), -1, 0, &made, nullptr);
  return Prepared{made};
}

// The library's own function, reached on another connection, where its name still means it.
class Original {
 public:
  Original(const Costly& function, int max_value_bytes) : function_(function) {
    sqlite3* opened = nullptr;
    const int mode = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(":memory:", &opened, mode, nullptr);
    connection_.reset(opened);
    if (code != SQLITE_OK) return;
    sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, max_value_bytes);
    statement_ = prepare_call(opened, function);
  }

  void call(sqlite3_context* call, sqlite3_value** arguments) {
    if (!statement_) {
      sqlite3_result_error_nomem(call);
      return;
    }
    for (int i = 0; i < function_.arguments; ++i) {
      sqlite3_bind_value(statement_.get(), i + 1, arguments[i]);
    }
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) {
      sqlite3_result_value(call, sqlite3_column_value(statement_.get(), 0));
    } else {
      sqlite3_result_error(call, sqlite3_errmsg(connection_.get()), -1);
      sqlite3_result_error_code(call, code);
    }
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
  }

 private:
  const Costly& function_;
  Connection connection_;
  Prepared statement_;  // of the connection
};

// What is registered: the other connection is opened by the first call, which most statements have
// none of.
struct Bounded {
  const Costly& function;
  std::unique_ptr<Original> original;
};

// Numbers are short, and asking for their bytes would make texts of them.
std::int64_t length_of(sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  return type == SQLITE_TEXT || type == SQLITE_BLOB ? sqlite3_value_bytes(value) : 1;
}

void refuse(sqlite3_context* call, const Costly& function, std::int64_t first,
            std::int64_t second) {
  const std::string why =
      fmt::format("{}() of {} and {} bytes would take too long", function.name, first, second);
  sqlite3_result_error(call, why.c_str(), -1);
  sqlite3_result_error_code(call, SQLITE_TOOBIG);
}

void call_bounded(sqlite3_context* call, int /*count*/, sqlite3_value** arguments) {
  auto& bounded = *static_cast<Bounded*>(sqlite3_user_data(call));
  const std::int64_t first = length_of(arguments[0]);
  const std::int64_t second = length_of(arguments[1]);
  if (first * second > bounded.function.max_work) {
    refuse(call, bounded.function, first, second);
    return;
  }
  if (!bounded.original) {
    const int max_bytes = sqlite3_limit(sqlite3_context_db_handle(call), SQLITE_LIMIT_LENGTH, -1);
    bounded.original = std::make_unique<Original>(bounded.function, max_bytes);
  }
  bounded.original->call(call, arguments);
}

void forget(void* bounded) { delete static_cast<Bounded*>(bounded); }

}  // namespace

void bound_functions(sqlite3* connection) {
  for (const Costly& function : costly_functions) {
    if (!prepare_call(connection, function)) continue;
    auto bounded = std::make_unique<Bounded>(Bounded{.function = function, .original = nullptr});
    // Indexes and checks of the file may use them, as they may use the library's.
    constexpr int like_the_librarys = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    // The library forgets it, when this fails as well.
    sqlite3_create_function_v2(connection, function.name, function.arguments, like_the_librarys,
                               bounded.release(), call_bounded, nullptr, nullptr, forget);
  }
}

}  // namespace bellpull
