#include "egress/smtp_conversation.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/task.h"
#include "egress/smtp_call.h"
#include "egress/smtp_channel.h"
#include "egress/smtp_reply.h"

namespace bellpull {

namespace {

SmtpOutcome broken_off(ChannelFailure failure, SmtpEnd end) {
  const std::string_view after = end == SmtpEnd::unknown
                                     ? " after it had the whole mail: it may have been sent"
                                     : " before it had the mail";
  switch (failure) {
    case ChannelFailure::timeout:
      return {.end = end,
              .cause = SmtpCause::timeout,
              .text = fmt::format("The mail relay did not answer in time{}", after)};
    case ChannelFailure::canceled:
      return {.end = end,
              .cause = SmtpCause::canceled,
              .text = fmt::format("The mail was canceled{}",
                                  end == SmtpEnd::unknown ? " after the relay had it" : "")};
    case ChannelFailure::lost:
      break;
  }
  return {.end = end,
          .cause = SmtpCause::connection_lost,
          .text = fmt::format("The mail relay broke off{}", after)};
}

std::string words(const SmtpReply& reply) {
  return reply.text.empty() ? std::to_string(reply.code)
                            : fmt::format("{} {}", reply.code, reply.text);
}

// What the refusals come to: one that is for good is not cured by trying again.
SmtpOutcome refused(std::vector<SmtpRefusal> refusals) {
  const bool is_for_now = std::ranges::all_of(
      refusals, [](const SmtpRefusal& one) { return one.code >= 400 && one.code < 500; });
  std::string text;
  for (const SmtpRefusal& one : refusals) {
    text += fmt::format("{}{}{}{} {}", text.empty() ? "" : "; ", one.recipient,
                        one.recipient.empty() ? "" : ": ", one.code, one.text);
  }
  return {.end = is_for_now ? SmtpEnd::put_off : SmtpEnd::refused,
          .text = std::move(text),
          .refusals = std::move(refusals)};
}

}  // namespace

std::string dot_stuffed(std::string_view message) {
  std::string result;
  result.reserve(message.size() + message.size() / 64);
  bool begins_line = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (c == '\r' || c == '\n') {
      if (c == '\r' && i + 1 < message.size() && message[i + 1] == '\n') ++i;
      result += "\r\n";
      begins_line = true;
      continue;
    }
    if (begins_line && c == '.') result += '.';
    result += c;
    begins_line = false;
  }
  if (!begins_line) result += "\r\n";
  return result;
}

// NOLINTNEXTLINE(*-reference-coroutine-parameters)
Task<SmtpOutcome> hand_over(SmtpChannel& channel, SmtpCall call) {
  const auto sender = co_await channel.command(fmt::format("MAIL FROM:<{}>", call.from));
  if (!sender) co_return broken_off(sender.error(), SmtpEnd::not_reached);
  if (!sender->is_positive()) {
    channel.quit();
    co_return refused({{.code = sender->code, .text = sender->text}});
  }

  // All are asked for, so that all problems are told at once.
  std::vector<SmtpRefusal> refusals;
  for (const std::string& recipient : call.recipients) {
    const auto reply = co_await channel.command(fmt::format("RCPT TO:<{}>", recipient));
    if (!reply) co_return broken_off(reply.error(), SmtpEnd::not_reached);
    if (!reply->is_positive()) {
      refusals.push_back({.recipient = recipient, .code = reply->code, .text = reply->text});
    }
    if (reply->code == 421) break;  // the relay is closing the connection
  }
  if (!refusals.empty()) {
    channel.quit();
    co_return refused(std::move(refusals));
  }

  const auto go_on = co_await channel.command("DATA");
  if (!go_on) co_return broken_off(go_on.error(), SmtpEnd::not_reached);
  if (go_on->code != 354) {
    channel.quit();
    co_return refused({{.code = go_on->code, .text = go_on->text}});
  }
  const auto sent = co_await channel.send(dot_stuffed(call.message));
  if (!sent) co_return broken_off(sent.error(), SmtpEnd::not_reached);

  // From here on the relay may have the mail, whatever is heard of it.
  const auto verdict = co_await channel.command(".");
  if (!verdict) co_return broken_off(verdict.error(), SmtpEnd::unknown);
  channel.quit();
  if (!verdict->is_positive()) co_return refused({{.code = verdict->code, .text = verdict->text}});
  co_return SmtpOutcome{.end = SmtpEnd::accepted, .text = words(*verdict)};
}

}  // namespace bellpull
