#include "database/postgres_failure.h"

#include <cstddef>
#include <postgres_ext.h>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <libpq-fe.h>

#include "base/text.h"
#include "database/query.h"

namespace bellpull {

namespace {

constexpr std::size_t most_bytes = 2'000;  // a message may quote the data, at any length

std::string field(const PGresult* result, int which) {
  const char* text = PQresultErrorField(result, which);
  return text == nullptr ? std::string{} : valid_text(std::string_view{text}.substr(0, most_bytes));
}

}  // namespace

bool is_end_of_connection(const PGresult* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr) return true;  // libpq's own error: no server said this
  return std::string_view{severity} == "FATAL" || std::string_view{severity} == "PANIC";
}

QueryFailure refusal_of(const PGresult* result) {
  QueryFailure failure{.cause = QueryCause::refused,
                       .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                       .sqlstate = field(result, PG_DIAG_SQLSTATE),
                       .hint = field(result, PG_DIAG_MESSAGE_HINT)};
  if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    failure.message += ": " + detail;
  }
  if (const std::string at = field(result, PG_DIAG_STATEMENT_POSITION); !at.empty()) {
    failure.message += fmt::format(" (at character {})", at);
  }
  return failure;
}

}  // namespace bellpull
