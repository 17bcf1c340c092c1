#include "api/openapi_examples.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

namespace {

struct Example {
  std::string_view operation_id;
  std::string_view body;
  std::string_view reply;
};

// clang-format off
constexpr std::array examples{
    Example{"account.create", R"({"name":"Acme"})",
            R"({"id":"account_q3v5o2m7k4xw6a1b","token":"sk-..."})"},
    Example{"approval.decide", R"({"approve":true,"note":"Ann is a good customer."})",
            R"({"id":"approval_q3v5o2m7k4xw6a1b","state":"approved"})"},
    Example{"approval.page.decide", R"({"approve":"true","note":"Ann is a good customer."})", ""},
    Example{"blueprint.create", R"({"name":"Shop","description":"Everything of the shop"})",
            R"({"id":"blueprint_q3v5o2m7k4xw6a1b"})"},
    Example{"blueprint.update", R"({"description":"Everything of the flower shop"})", ""},
    Example{"blueprint.delete", R"({"deleteResources":true})", ""},
    Example{"blueprint.resource.import", R"({"resource":{"name":"Shop","resources":{"bot":[{"id":"bot_a","name":"Orders"}]}}})", ""},
    Example{"bot.create", R"({"name":"Orders","backstory":"You look after the orders of a shop.","model":"builtin/demo"})",
            R"({"id":"bot_q3v5o2m7k4xw6a1b"})"},
    Example{"bot.update", R"({"backstory":"You look after the orders of a flower shop."})", ""},
    Example{"bot.memory.search", R"({"search":"allergies"})", R"({"items":[]})"},
    Example{"contact.create", R"({"name":"Ann Lee","email":"ann@example.com"})",
            R"({"id":"contact_q3v5o2m7k4xw6a1b"})"},
    Example{"contact.ensure", R"({"email":"ann@example.com","name":"Ann Lee"})",
            R"({"id":"contact_q3v5o2m7k4xw6a1b"})"},
    Example{"contact.update", R"({"nick":"annie","meta":{"$update":{"tier":"gold"}}})", ""},
    Example{"contact.merge", R"({"fromId":"contact_q3v5o2m7k4xw6a1b","intoId":"contact_r4w6p3n8m5yx7b2c"})",
            R"({"id":"contact_r4w6p3n8m5yx7b2c"})"},
    Example{"contact.erase", R"({"dryRun":true})", ""},
    Example{"conversation.contact.upsert", R"({"email":"ann@example.com","name":"Ann Lee"})",
            R"({"id":"contact_q3v5o2m7k4xw6a1b"})"},
    Example{"event.log.subscribe", R"({"historyLength":100})", ""},
    Example{"conversation.create",
            R"({"name":"Order 7","contactId":{"email":"ann@example.com"},"messages":[{"type":"user","text":"Where is my order?"}]})", ""},
    Example{"conversation.update", R"({"meta":{"orderId":7}})", ""},
    Example{"conversation.message.create", R"({"type":"user","text":"Where is my order?"})",
            R"({"id":"message_q3v5o2m7k4xw6a1b","entities":[]})"},
    Example{"conversation.message.update", R"({"text":"Where is order 7?"})", ""},
    Example{"integration.trigger.create", R"({"name":"Orders","botId":"@orders","sessionDuration":3600000})",
            R"({"id":"trigger_q3v5o2m7k4xw6a1b","secret":"5d1f..."})"},
    Example{"integration.trigger.update", R"({"schedule":"0 9 * * mon-fri","timezone":"Europe/Oslo"})", ""},
    Example{"integration.trigger.event", R"({"order_id":"12345","total":99.99})", R"({"ok":true})"},
    Example{"integration.trigger.event.put", R"({"order_id":"12345","total":99.99})", R"({"ok":true})"},
    Example{"integration.trigger.event.patch", R"({"order_id":"12345","total":99.99})", R"({"ok":true})"},
    Example{"integration.trigger.schedule.preview", R"({"schedule":"30 2 * * *","timezone":"Europe/Berlin","count":2,"from":"2026-03-28T12:00:00Z"})",
            R"({"phrase":"Every day at 02:30, Europe/Berlin","fires":[{"at":"2026-03-29T01:00:00.000Z","firesAt":"2026-03-29T01:00:00.000Z","local":"2026-03-29T03:00:00","offset":"+02:00"},{"at":"2026-03-30T00:30:00.000Z","firesAt":"2026-03-30T00:30:00.000Z","local":"2026-03-30T02:30:00","offset":"+02:00"}],"state":null,"anchor":null,"note":null,"error":null,"problems":[]})"},
    Example{"integration.trigger.secret.rotate", R"({"graceMs":3600000})", ""},
    Example{"dataset.create", R"({"name":"Opening hours"})", R"({"id":"dataset_q3v5o2m7k4xw6a1b"})"},
    Example{"dataset.update", R"({"searchMaxRecords":5})", ""},
    Example{"dataset.search", R"({"search":"when do you open on saturdays"})", ""},
    Example{"dataset.record.create", R"({"text":"On Saturdays the shop is open from 10 to 16."})",
            R"({"id":"record_q3v5o2m7k4xw6a1b"})"},
    Example{"dataset.record.update", R"({"text":"On Saturdays the shop is open from 9 to 16."})", ""},
    Example{"dataset.file.attach", R"({"type":"source"})", ""},
    Example{"dataset.file.detach", R"({"deleteRecords":true})", ""},
    Example{"file.create", R"({"name":"hours.txt"})", R"({"id":"file_q3v5o2m7k4xw6a1b"})"},
    Example{"file.update", R"({"description":"When the shop is open"})", ""},
    Example{"file.upload", R"({"file":"data:text/plain,Open%20from%2010%20to%2016."})", ""},
    Example{"event.inbox.bulk.replay", R"({"filter":{"state":"dead"},"dryRun":true})", ""},
    Example{"event.inbox.bulk.cancel", R"({"filter":{"state":"queued,retrying"},"dryRun":true})", ""},
    Example{"event.inbox.bulk.delete-body", R"({"filter":{"to":"2026-01-31T12:00:00Z"},"dryRun":true})", ""},
    Example{"event.inbox.replay", R"({"body":{"order_id":"12345","total":89.99}})", ""},
    Example{"secret.create", R"({"name":"Shop","type":"bearer","value":"the token of the shop's own service"})",
            R"({"id":"secret_q3v5o2m7k4xw6a1b"})"},
    Example{"secret.update", R"({"value":"the new token"})", ""},
    Example{"contact.secret.update", R"({"value":"a token of the contact's own"})", ""},
    Example{"usage.price.set", R"({"model":"gpt-5.4","inputMicros":1250000,"outputMicros":10000000})",
            R"({"model":"gpt-5.4"})"},
    Example{"usage.price.delete", R"({"model":"gpt-5.4"})", R"({"model":"gpt-5.4"})"},
    Example{"skillset.create", R"({"name":"Shop","description":"What the shop's own service can do"})",
            R"({"id":"skillset_q3v5o2m7k4xw6a1b"})"},
    Example{"skillset.update", R"({"state":"disabled"})", ""},
    Example{"skillset.ability.create",
            R"({"name":"order_status","description":"Tells where an order is","instruction":"```fetch\nGET https://shop.example.com/orders/$[order_id! euc|the order's number]\n```"})",
            R"({"id":"ability_q3v5o2m7k4xw6a1b"})"},
    Example{"skillset.ability.update", R"({"description":"Tells where an order is, by its number"})", ""},
    Example{"skillset.ability.execute", R"({"input":"order_id: 12345"})",
            R"({"usage":{"token":0},"result":{"status":200,"body":{"order":"12345","state":"sent"}},"messages":[]})"},
    Example{"step.resolve", R"({"outcome":"done","note":"The bank shows the payment."})",
            R"({"id":"step_1f0008","resolves":"step_1f0004"})"},
    Example{"token.create", R"({"name":"Dashboard","scopes":["read"],"expiresAt":"2027-01-31T12:00:00Z"})",
            R"({"id":"token_q3v5o2m7k4xw6a1b","token":"sk-...","createdAt":"2026-01-31T12:00:00.000Z"})"},
    Example{"token.update", R"({"name":"Old dashboard"})", ""},
};
// clang-format on

std::optional<boost::json::value> parsed(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return boost::json::parse(text);
}

const Example* find(std::string_view operation_id) {
  const auto* const found = std::ranges::find(examples, operation_id, &Example::operation_id);
  return found == examples.end() ? nullptr : found;
}

}  // namespace

std::optional<boost::json::value> body_example(std::string_view operation_id) {
  const Example* example = find(operation_id);
  return example == nullptr ? std::nullopt : parsed(example->body);
}

std::optional<boost::json::value> reply_example(std::string_view operation_id) {
  const Example* example = find(operation_id);
  return example == nullptr ? std::nullopt : parsed(example->reply);
}

}  // namespace bellpull
