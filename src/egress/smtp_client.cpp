#include "egress/smtp_client.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <fmt/core.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/destinations.h"
#include "egress/http_call.h"
#include "egress/redaction.h"
#include "egress/resolver.h"
#include "egress/smtp_call.h"
#include "egress/smtp_channel.h"
#include "egress/smtp_conversation.h"
#include "egress/smtp_transfer.h"
#include "egress/transfer_loop.h"
#include "egress/waiting_line.h"

namespace bellpull {

namespace {

// Relays count the connections of one client, and refuse what is beyond some tens.
constexpr std::size_t max_connections = 16;

SmtpOutcome not_reached(SmtpCause cause, std::string text) {
  return {.end = SmtpEnd::not_reached, .cause = cause, .text = std::move(text)};
}

SmtpOutcome canceled() { return not_reached(SmtpCause::canceled, "The mail was canceled"); }

SmtpCause cause_of(HttpCause cause) {
  switch (cause) {
    case HttpCause::dns:
      return SmtpCause::dns;
    case HttpCause::timeout:
      return SmtpCause::timeout;
    case HttpCause::canceled:
      return SmtpCause::canceled;
    default:
      return SmtpCause::guard;
  }
}

// A line break in an address would begin a command of somebody else's choice, and "> " a parameter.
bool may_be_said(std::string_view address) {
  return !address.empty() && std::ranges::all_of(address, [](char c) {
    return c > 0x20 && c < 0x7F && c != '<' && c != '>';
  });
}

}  // namespace

SmtpClient::SmtpClient(const boost::asio::any_io_executor& executor, SmtpRelay relay,
                       Resolver& resolver, const Clock& clock)
    : executor_(executor),
      relay_(std::move(relay)),
      redact_(redactor_for(relay_)),
      clock_(clock),
      destinations_(AllowList{}, {.for_bots = resolver, .for_operator = resolver}, clock),
      connections_(max_connections),
      // More than are used: what has just been closed may still be counted.
      loop_(executor, 2 * max_connections) {}

Duration SmtpClient::time_left(const SmtpCall& call) const {
  return std::chrono::duration_cast<Duration>(call.deadline - clock_.steady_now());
}

Task<SmtpOutcome> SmtpClient::send(SmtpCall call) {
  if (call.recipients.empty() || !may_be_said(call.from) ||
      !std::ranges::all_of(call.recipients, may_be_said)) {
    co_return not_reached(SmtpCause::bad_call, "An address of the mail is none that can be sent");
  }
  WaitingLine::Place place(connections_);
  const bool has_place = co_await place.taken(time_left(call));
  const Duration left = time_left(call);
  if (left <= Duration{0}) {
    co_return not_reached(SmtpCause::timeout, "There was no time left to send the mail");
  }
  if (!has_place) co_return canceled();
  co_return co_await send_by(std::move(call), left);
}

Task<SmtpOutcome> SmtpClient::send_by(SmtpCall call, Duration time) {
  auto addresses =
      co_await destinations_.find(relay_.url, Allowance::for_endpoint(relay_.url), call.deadline);
  if (!addresses) {
    const HttpFailure& failure = addresses.error();
    co_return not_reached(cause_of(failure.cause), "The mail relay: " + failure.message);
  }
  SmtpTransfer transfer(relay_, std::move(*addresses), time);
  TransferLoop::Stay stay(loop_, transfer.handle());
  const auto result = co_await stay.result();
  if (!result) co_return canceled();
  if (auto failure = transfer.failure(*result)) co_return std::move(*failure);

  SmtpChannel channel(executor_, transfer.handle(), time_left(call));
  SmtpOutcome outcome = co_await hand_over(channel, std::move(call));
  outcome.text = redact_(outcome.text);
  for (SmtpRefusal& refusal : outcome.refusals) refusal.text = redact_(refusal.text);
  co_return outcome;
}

}  // namespace bellpull
