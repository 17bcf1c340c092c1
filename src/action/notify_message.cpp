#include "action/notify_message.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"

namespace bellpull {

namespace json = boost::json;

namespace {

struct Row {
  NotifyFormat format;
  std::string_view name;
  std::size_t most;  // characters of a text, as the receiver's documentation has it
};

constexpr auto rows = std::to_array<Row>({
    {NotifyFormat::generic, "generic", 100'000},  // ours
    {NotifyFormat::slack, "slack", 40'000},
    {NotifyFormat::discord, "discord", 2'000},
    {NotifyFormat::teams, "teams", 25'000},  // 28 KB with the card around it, and counted in bytes
});

const Row& row_of(NotifyFormat format) { return *std::ranges::find(rows, format, &Row::format); }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::string slack_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

// A message of one Adaptive Card, as workflows that listen to webhooks read it.
json::object card(std::string_view text) {
  json::object block{{"type", "TextBlock"}, {"text", text}, {"wrap", true}};
  json::object content{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                       {"type", "AdaptiveCard"},
                       {"version", "1.4"},
                       {"body", json::array{std::move(block)}}};
  json::object attachment{{"contentType", "application/vnd.microsoft.card.adaptive"},
                          {"contentUrl", nullptr},
                          {"content", std::move(content)}};
  return {{"type", "message"}, {"attachments", json::array{std::move(attachment)}}};
}

json::object message(NotifyFormat format, std::string_view text, TimePoint now) {
  switch (format) {
    case NotifyFormat::slack:
      return {{"text", slack_text(text)}};
    case NotifyFormat::discord:
      return {{"content", text}, {"allowed_mentions", {{"parse", json::array{}}}}};
    case NotifyFormat::teams:
      return card(text);
    case NotifyFormat::generic:
      break;
  }
  return {{"type", "notification"}, {"timestamp", to_iso(now)}, {"data", {{"text", text}}}};
}

}  // namespace

std::optional<NotifyFormat> parse_notify_format(std::string_view name) {
  const auto* const row = std::ranges::find(rows, name, &Row::name);
  if (row == rows.end()) return std::nullopt;
  return row->format;
}

std::string_view to_string(NotifyFormat format) { return row_of(format).name; }

NotifyFormat notify_format_of(std::string_view host) {
  if (host == "hooks.slack.com" || host == "hooks.slack-gov.com") return NotifyFormat::slack;
  if (host == "discord.com" || host == "discordapp.com") return NotifyFormat::discord;
  const bool is_teams = host.ends_with(".logic.azure.com") ||
                        host.ends_with(".api.powerplatform.com") ||
                        host.ends_with(".webhook.office.com");
  return is_teams ? NotifyFormat::teams : NotifyFormat::generic;
}

Result<std::string> notify_body(NotifyFormat format, std::string_view text, TimePoint now) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fail(ErrorCode::invalid, "text is required");
  }
  if (!is_utf8(text)) return fail(ErrorCode::invalid, "text is not UTF-8");
  const Row& row = row_of(format);
  const std::size_t length = format == NotifyFormat::teams ? text.size() : characters(text);
  if (length > row.most) {
    return fail(ErrorCode::invalid, fmt::format("text is {} characters long, and {} takes {}",
                                                length, row.name, row.most));
  }
  return json::serialize(message(format, text, now));
}

}  // namespace bellpull
