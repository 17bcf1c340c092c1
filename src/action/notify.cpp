#include "action/notify.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/fetch_places.h"
#include "action/input_fields.h"
#include "action/notify_message.h"
#include "action/outcome.h"
#include "action/secret_hosts.h"
#include "action/shape.h"
#include "action/template.h"
#include "action/webhook_signature.h"
#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "egress/url.h"

namespace bellpull {

namespace {

constexpr std::size_t max_reply_bytes = 4096;  // of which the model is told when it is a refusal

NotifyFormat read_format(InputFields& fields, std::string_view host) {
  const std::string name = fields.text("format");
  if (name.empty()) return notify_format_of(host);
  const auto format = parse_notify_format(name);
  if (!format) fields.add_problem("format must be one of generic, slack, discord, teams");
  return format.value_or(NotifyFormat::generic);
}

// The headers of Standard Webhooks; a chat's webhook is its URL, and needs none.
void add_signature(HttpCall& call, InputFields& fields, const std::string& id, TimePoint now) {
  call.headers.push_back({"webhook-id", id});
  call.headers.push_back({"webhook-timestamp", webhook_timestamp(now)});
  const std::string secret = fields.text("secret");
  if (secret.empty()) return;
  auto signature = webhook_signature(secret, id, now, call.body);
  if (signature) {
    call.headers.push_back({"webhook-signature", std::move(*signature)});
  } else {
    fields.add_problem(signature.error().message);
  }
}

// Tells all problems.
Result<HttpCall> call_of(const ActionRequest& request, TimePoint now) {
  InputFields fields(request.input);
  HttpCall call{.method = "POST", .url = fields.required_text("url")};
  const auto url = parse_url(call.url);
  if (!call.url.empty() && !url) fields.add_problem("url: " + url.error().message);
  const NotifyFormat format = read_format(fields, url ? url->host : std::string{});
  auto body = notify_body(format, fields.text("text"), now);
  if (!body) fields.add_problem(body.error().message);
  call.body = std::move(body).value_or("");
  call.headers.push_back({"Content-Type", "application/json"});
  if (format == NotifyFormat::generic) {
    add_signature(call, fields, request.idempotency_key, now);
  } else if (fields.find("secret") != nullptr) {
    fields.add_problem(
        fmt::format("secret signs a generic webhook; {} has none", to_string(format)));
  }
  const std::string problems = fields.problems();
  if (!problems.empty()) return fail(ErrorCode::invalid, problems);
  return call;
}

ActionOutcome outcome_of(const HttpReply& reply) {
  boost::json::object result;
  const bool is_taken = reply.status >= 200 && reply.status < 300;
  if (is_taken) {
    result["status"] = "success";
  } else {
    result["error"] = fmt::format("The webhook answered {}", reply.status);
    if (!reply.body.empty()) result["reply"] = valid_text(reply.body);
  }
  result["httpStatus"] = reply.status;
  return {.result = std::move(result), .is_error = !is_taken};
}

}  // namespace

const ActionShape& NotifyAction::shape() const {
  static const ActionShape shape{.main = "text",
                                 .fields = {"url", "format", "secret"},
                                 .secret_fields = {"url", "secret"},
                                 .default_timeout = std::chrono::seconds{10}};
  return shape;
}

bool NotifyAction::mark(TemplateMap& input) const {
  TemplateValue* const url = find_entry(input, "url");
  return url != nullptr && mark_url(*url);
}

bool NotifyAction::is_idempotent(const ActionRequest& /*request*/) const { return false; }

Task<ActionOutcome> NotifyAction::execute(ActionRequest request) {
  auto call = call_of(request, clock_.now());
  if (!call) co_return error_outcome(call.error().message);
  if (auto refusal = refuse_secrets(request, call->url)) co_return error_outcome(*refusal);
  call->deadline = request.deadline;
  call->connect_timeout =
      std::chrono::duration_cast<Duration>(request.deadline - clock_.steady_now());
  call->response_limit = max_reply_bytes;
  call->oversize = Oversize::truncate;
  call->max_redirects = 0;  // a notification goes where it was sent
  const auto reply = co_await client_.send(std::move(*call));
  if (reply) co_return outcome_of(*reply);
  auto unknown = unknown_outcome(reply.error());
  if (unknown) co_return std::move(*unknown);
  boost::json::object result;
  result["error"] = reply.error().message;
  result["cause"] = to_string(reply.error().cause);
  co_return ActionOutcome{.result = std::move(result), .is_error = true};
}

}  // namespace bellpull
