#include "api/conversation_export.h"

#include <array>
#include <cstdint>
#include <expected>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/conversations.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/list_lines.h"
#include "api/markdown.h"
#include "api/media.h"
#include "api/messages.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/conversation.h"
#include "http/query.h"
#include "http/request.h"
#include "http/response.h"
#include "identity/permit.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

enum class Format : std::uint8_t { json_lines, markdown };
constexpr std::array<std::string_view, 2> format_names{"jsonl", "markdown"};

// `format` of the query wins over Accept.
Result<Format> format_of(const RequestHead& request) {
  const Query query{request.query()};
  const std::string_view named = trimmed(query.find("format").value_or(""));
  if (!named.empty()) {
    const auto index = find_choice("format", format_names, named);
    if (!index) return std::unexpected(index.error());
    return static_cast<Format>(*index);
  }
  const bool wants_markdown = names_media(request.header("accept"), "text/markdown");
  return wants_markdown ? Format::markdown : Format::json_lines;
}

// A message is what it says; an activity is what it did.
std::string markdown_of(const json::object& message) {
  const auto member = [&](std::string_view name) {
    return std::string{message.at(name).as_string()};
  };
  std::string text = "\n## " + member("type");
  if (const std::string name = member("name"); !name.empty()) text += " " + code_span(name);
  const json::value& at = message.at("createdAt");
  text += "\n\n" + (at.is_string() ? std::string{at.get_string()} : json::serialize(at)) + "\n";
  if (const std::string said = member("text"); !said.empty()) text += "\n" + fenced(said, "text");
  if (const auto* activity = message.at("meta").as_object().if_contains("activity")) {
    text += "\n" + fenced(json::serialize(*activity), "json");
  }
  return text;
}

std::string markdown_head(const Conversation& conversation, const View& view) {
  const json::value at = view.time(conversation.created_at);
  return "# Conversation " + code_span(conversation.name) + "\n\n- id: `" + conversation.id.text() +
         "`\n- created: " + (at.is_string() ? std::string{at.get_string()} : json::serialize(at)) +
         "\n";
}

}  // namespace

struct ConversationExport::Copy {
  Conversation conversation;
  Format format = Format::json_lines;
  View view;
  Permit permit;
  PagePart<Message> part;  // the current page
};

ConversationExport::ConversationExport(Store& store) : store_(store) {}

void ConversationExport::add_routes(Routes& routes) {
  routes
      .get("/conversation/{conversationId}/export",
           [this](Call call) { return export_one(std::move(call)); })
      .describe(
          {.summary = "One conversation with its messages, as JSON Lines or Markdown",
           .gives = {"", {{"description", "JSON Lines, or Markdown; a download."}}},
           .form = Description::Form::bytes,
           .query = {{"format", "jsonl or markdown; without it Accept decides", text_schema()}},
           .media = "*/*",
           .id = "conversation.exportOne"});
}

Task<Response> ConversationExport::export_one(Call call) {
  const Result<Format> format = format_of(call.request);
  if (!format) co_return call.reply(format.error());
  const Result<Conversation> conversation = co_await store_.read([&](const Transaction& rows) {
    return find_own<Conversation>(rows, call.caller.account, call.parameter("conversationId"));
  });
  if (!conversation) co_return call.reply(conversation.error());

  const bool is_markdown = *format == Format::markdown;
  // Shared: the reply that holds it may be copied before it is sent.
  const auto copy = std::make_shared<Copy>(Copy{
      .conversation = *conversation, .format = *format, .view = call.view, .permit = call.permit});
  Response response{.content_type = is_markdown ? "text/markdown; charset=utf-8"
                                                : content_type_of(ListForm::json_lines)};
  response.headers.add("x-request-id", call.request_id);
  response.headers.add("cache-control", "no-cache, no-transform");
  response.headers.add("content-disposition", "attachment; filename=\"" + conversation->id.text() +
                                                  (is_markdown ? ".md\"" : ".jsonl\""));
  response.stream = [this, copy](BodyWriter& writer) { return write(writer, copy); };
  co_return response;
}

// A failure cuts the connection, so that half an export is not taken for one.
Task<void> ConversationExport::write(BodyWriter writer, std::shared_ptr<Copy> copy) {
  const bool is_markdown = copy->format == Format::markdown;
  std::string text = is_markdown
                         ? markdown_head(copy->conversation, copy->view)
                         : list_line(ListForm::json_lines, "conversation",
                                     render(conversation_fields(), copy->conversation, copy->view));
  Page page{.order = Order::ascending};
  while (true) {
    copy->part = co_await store_.read(
        [&](const Transaction& rows) {
          return rows.messages().look(copy->conversation.id.key, page);
        },
        ReadKind::list);
    const Result<void> permitted = co_await copy->permit.check();
    if (!permitted) throw std::runtime_error(permitted.error().message);
    for (const Message& one : copy->part.rows) {
      const json::object message = render(message_fields(), one, copy->view);
      text += is_markdown ? markdown_of(message) : list_line(ListForm::json_lines, message);
      if (text.size() < max_page_bytes) continue;
      const bool is_there = co_await writer.write(text);
      if (!is_there) co_return;
      text = {};
    }
    const bool is_there = co_await writer.write(text);
    const bool is_cut = copy->part.bytes >= page.bytes;
    const bool has_more = is_cut || std::ssize(copy->part.rows) == max_page;
    if (!is_there || !has_more) co_return;
    page.after = copy->part.rows.back().id.number;
    text.clear();
  }
}

}  // namespace bellpull
