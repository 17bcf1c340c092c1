#include "cli/event_send.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cli/client.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/status_words.h"
#include "egress/http_call.h"

namespace bellpull::cli {

namespace {

constexpr int max_tries = 4;
constexpr Duration first_pause = std::chrono::milliseconds{250};
constexpr std::chrono::seconds longest_wait{30};  // of one request; the server's own limit

bool may_pass(const Outcome<HttpReply>& reply) {
  if (reply) return reply->status == 429 || reply->status == 503;
  return reply.error().exit_code == ExitCode::unreachable;
}

}  // namespace

Outcome<std::string> send_event(Client& client, const OutgoingEvent& event) {
  ApiCall call{.method = "POST",
               .path = event.path,
               .headers = {{"idempotency-key", event.idempotency_key}},
               .body = event.body,
               .bearer = event.secret,
               .resend = Resend::always};
  if (!event.content_type.empty()) call.headers.push_back({"content-type", event.content_type});
  Duration pause = first_pause;
  for (int tries = 1;; ++tries) {
    auto reply = client.send(call);
    if (reply && reply->status == 200) {
      return std::string{reply->header("x-event-id").value_or("")};
    }
    if (tries == max_tries || !may_pass(reply)) {
      return std::unexpected(reply ? failure_of_reply(*reply) : std::move(reply.error()));
    }
    if (auto paused = client.pause(pause); !paused) return std::unexpected(paused.error());
    pause *= 2;
  }
}

Outcome<boost::json::object> await_end(Client& client, const std::string& event_id,
                                       std::optional<SteadyTime> deadline, const Clock& clock) {
  while (true) {
    auto wait = longest_wait;
    if (deadline) {
      const auto left =
          std::chrono::duration_cast<std::chrono::seconds>(*deadline - clock.steady_now());
      wait = std::clamp(left, std::chrono::seconds{0}, longest_wait);
    }
    auto event = client.get(
        fmt::format("/event/inbox/{}/fetch?wait={}", percent_encoded(event_id), wait.count()),
        wait + std::chrono::seconds{30});
    if (!event || status_word(text_at(*event, "state")).is_ended) return event;
    if (deadline && clock.steady_now() + std::chrono::seconds{1} > *deadline) {
      return std::unexpected(
          Failure{.exit_code = ExitCode::timed_out,
                  .code = {},
                  .message = fmt::format("the run of {} has not ended in time; it is {}", event_id,
                                         text_at(*event, "state")),
                  .next = {{"bellpull event get " + event_id, "see how it stands"}}});
    }
    // A server that does not wait must not be asked without a pause.
    if (auto paused = client.pause(first_pause); !paused) return std::unexpected(paused.error());
  }
}

}  // namespace bellpull::cli
