#include "action/email.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/placeholder.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/smtp_call.h"
#include "mail/mail.h"
#include "mail/mailer.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr unsigned max_tries = 3;
constexpr Duration first_pause = std::chrono::seconds{1};  // doubles with each try

// Texts are not split at commas here: one may stand in a quoted name.
std::vector<std::string> addresses(InputFields& fields, std::string_view name) {
  const json::value* const value = fields.find(name);
  if (value == nullptr) return {};
  if (value->is_array()) return fields.texts(name);
  return {fields.text(name)};
}

// A value that stands alone may be several addresses; one with text beside it is a part of one, and
// must not add others.
void mark_addresses(TemplateValue& value) {
  if (auto* const list = std::get_if<TemplateList>(&value.value)) {
    for (TemplateValue& element : *list) mark_addresses(element);
  }
  auto* const text = std::get_if<Segments>(&value.value);
  if (text == nullptr || text->size() == 1) return;
  each_placeholder(*text, [](Placeholder& field) { field.place = Place::mail_address; });
}

// Whether another try may end better, and can do no harm.
bool may_pass(const SmtpOutcome& outcome) {
  if (outcome.end == SmtpEnd::put_off) return true;
  return outcome.end == SmtpEnd::not_reached &&
         (outcome.cause == SmtpCause::dns || outcome.cause == SmtpCause::connect ||
          outcome.cause == SmtpCause::connection_lost);
}

json::array list_of(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

ActionOutcome outcome_of(const MailReceipt& receipt) {
  const SmtpOutcome& outcome = receipt.outcome;
  json::object result;
  if (outcome.end == SmtpEnd::accepted) {
    result["status"] = "success";
    result["messageId"] = receipt.message_id;
    result["recipients"] = list_of(receipt.recipients);
    result["reply"] = outcome.text;
    return {.result = std::move(result)};
  }
  result["error"] = outcome.text;
  result["outcome"] = to_string(outcome.end);
  if (outcome.cause != SmtpCause::none) result["cause"] = to_string(outcome.cause);
  if (outcome.end == SmtpEnd::unknown) result["messageId"] = receipt.message_id;
  if (!outcome.refusals.empty()) {
    json::array refusals;
    for (const SmtpRefusal& one : outcome.refusals) {
      json::object refusal;
      if (!one.recipient.empty()) refusal["recipient"] = one.recipient;
      refusal["code"] = one.code;
      refusal["text"] = one.text;
      refusals.push_back(std::move(refusal));
    }
    result["refusals"] = std::move(refusals);
    result["sentTo"] = json::array{};  // all or nothing
  }
  return {.result = std::move(result),
          .is_error = true,
          .outcome_unknown = outcome.end == SmtpEnd::unknown};
}

}  // namespace

const ActionShape& EmailAction::shape() const {
  static const ActionShape shape{.main = "content",
                                 .fields = {"to", "cc", "bcc", "replyTo", "fromName", "subject"}};
  return shape;
}

bool EmailAction::mark(TemplateMap& input) const {
  for (const std::string_view name : {"to", "cc", "bcc", "replyTo"}) {
    if (TemplateValue* const value = find_entry(input, name)) mark_addresses(*value);
  }
  return false;
}

bool EmailAction::is_idempotent(const ActionRequest& /*request*/) const { return false; }

Task<ActionOutcome> EmailAction::execute(ActionRequest request) {
  InputFields fields(request.input);
  const Mail mail{.from_name = fields.text("fromName"),
                  .to = addresses(fields, "to"),
                  .cc = addresses(fields, "cc"),
                  .bcc = addresses(fields, "bcc"),
                  .reply_to = fields.text("replyTo"),
                  .subject = fields.text("subject"),
                  .text = fields.text("content")};
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(problems);
  }
  Duration pause = first_pause;
  for (unsigned tried = 1;; ++tried) {
    const auto receipt = co_await mailer_.send(mail, request.idempotency_key, request.deadline);
    if (!receipt) {
      const Error& error = receipt.error();
      co_return error_outcome(
          error.hint.empty() ? error.message : fmt::format("{}: {}", error.message, error.hint));
    }
    const bool in_time = clock_.steady_now() + pause < request.deadline;
    if (tried == max_tries || !in_time || !may_pass(receipt->outcome)) {
      co_return outcome_of(*receipt);
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
    pause *= 2;
  }
}

}  // namespace bellpull
