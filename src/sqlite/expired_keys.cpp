#include "sqlite/expired_keys.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "sqlite/database.h"
#include "sqlite/write_session.h"
#include "sqlite/writer.h"

namespace bellpull {

namespace {

// Rows of one chunk: half a millisecond of the writer's time. A chunk every 2 ms keeps up with more
// keyed events than a server takes.
constexpr std::int64_t chunk_rows = 100;
constexpr std::chrono::minutes pause{1};

// Keys expire in the order in which they were used, unless the clock stepped or the setting
// changed: then some stay a while longer, which only costs room.
constexpr std::string_view forget_events_sql = R"sql(
  delete from event_keys
   where event in (select event from event_keys order by event limit ?1) and expires_at <= ?2)sql";

constexpr std::string_view forget_answers_sql = R"sql(
  delete from answers
   where id in (select id from answers order by id limit ?1) and expires_at <= ?2)sql";

constexpr std::string_view forget_calls_sql = R"sql(
  delete from done_calls
   where id in (select id from done_calls order by id limit ?1) and expires_at <= ?2)sql";

}  // namespace

ExpiredKeys::ExpiredKeys(Writer& writer, const Clock& clock, Log& log)
    : writer_(writer), clock_(clock), log_(log) {}

void ExpiredKeys::committed() {
  const SteadyTime now = clock_.steady_now();
  if (submitted_ || now < look_at_) return;
  look_at_ = now + pause;
  submit();
}

void ExpiredKeys::submit() {
  if (stopped_) return;
  submitted_ = true;
  writer_.submit_background(*this);
}

void ExpiredKeys::run(WriteSession& session) {
  const std::int64_t now = to_ms(clock_.now());
  more_ = false;
  for (const std::string_view sql : {forget_events_sql, forget_answers_sql, forget_calls_sql}) {
    Statement forget{session.database(), sql};
    if (forget.with(chunk_rows, now).run() == chunk_rows) more_ = true;
  }
}

void ExpiredKeys::done(std::exception_ptr failure) {
  submitted_ = false;
  if (failure) {
    log_.warning("store", "expired keys stay until the store takes writes", {});
  } else if (more_) {
    submit();
  }
}

}  // namespace bellpull
