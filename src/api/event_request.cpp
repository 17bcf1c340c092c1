#include "api/event_request.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "api/change.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/idempotency_key.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "http/method.h"
#include "http/query.h"
#include "http/request.h"
#include "http/text.h"
#include "store/accept.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

namespace {

constexpr std::size_t max_query_bytes = 8UZ * 1024;

// What the query says of an event.
struct QueryRule {
  std::string_view name;
  std::string_view second_name;  // counts where the first is absent or empty
  std::size_t max_bytes = 0;
  std::string_view about;
};
constexpr QueryRule session_rule{
    "session",
    {},
    512,
    "Events with the same one share a conversation; by default the contact's e-mail or phone"};
// As for a contact that the API makes.
constexpr QueryRule name_rule{"contact.name", "contact_name", max_name_bytes, "Who it is from"};
constexpr QueryRule email_rule{"contact.email", "contact_email", max_name_bytes,
                               "The contact's e-mail address"};
constexpr QueryRule phone_rule{"contact.phone", "contact_phone", 64, "The contact's phone number"};

// Who sent it and what it is, for the bot and for people. Never a credential.
constexpr std::array<std::string_view, 11> kept_headers = {
    "user-agent", "x-github-event",    "x-github-delivery", "x-gitlab-event",
    "webhook-id", "webhook-timestamp", "x-shopify-topic",   "x-event-type",
    "ce-id",      "ce-type",           "ce-source"};

std::string selected_headers(const RequestHead& request) {
  boost::json::object selected;
  request.for_each_header([&](std::string_view name, std::string_view value) {
    const auto kept = kept_header(name);
    if (!kept || !is_utf8(value)) return;
    selected[*kept] = value.substr(0, max_kept_header_bytes);
  });
  return selected.empty() ? "{}" : boost::json::serialize(selected);
}

std::string_view value_of(const Query& query, const QueryRule& rule) {
  const std::string_view preferred = trimmed(query.find(rule.name).value_or(""));
  if (!preferred.empty() || rule.second_name.empty()) return preferred;
  return trimmed(query.find(rule.second_name).value_or(""));
}

Result<void> check_text(std::string_view name, std::string_view value, std::size_t limit) {
  if (value.size() > limit) {
    return fail(ErrorCode::invalid,
                std::string{name} + " must be at most " + std::to_string(limit) + " bytes");
  }
  if (!is_utf8(value)) {
    return fail(ErrorCode::invalid, std::string{name} + " must be valid UTF-8 text");
  }
  return {};
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    default:
      return "POST";
  }
}

}  // namespace

std::optional<std::string_view> kept_header(std::string_view name) {
  const auto* const kept = std::ranges::find_if(kept_headers, [&](std::string_view candidate) {
    return equals_ignoring_case(candidate, name);
  });
  if (kept == kept_headers.end()) return std::nullopt;
  return *kept;
}

std::string kept_header_names() {
  std::string names;
  for (const std::string_view name : kept_headers) {
    names += (names.empty() ? "" : ", ") + std::string{name};
  }
  return names;
}

EventRequest::EventRequest(const Request& request)
    : head_(static_cast<const RequestHead&>(request)),
      method_(method_name(request.method())),
      query_(request.query()),
      content_type_(request.header("content-type")),
      // A GET that does carry a body means nothing by it.
      body_(request.method() == Method::get ? std::string_view{} : request.body),
      headers_(selected_headers(request)) {}

void EventRequest::read_query(std::string_view raw, Problems& problems) {
  if (raw.empty()) return;
  const Query query{raw};
  const auto read = [&](const QueryRule& rule) {
    const std::string_view value = value_of(query, rule);
    const auto checked = check_text(rule.name, value, rule.max_bytes);
    if (!checked) problems.add(checked.error());
    return value;
  };
  const std::string_view session = read(session_rule);
  contact_ = {.name = std::string{read(name_rule)},
              .email = std::string{read(email_rule)},
              .phone = std::string{read(phone_rule)}};
  if (!contact_.email.empty() && is_utf8(contact_.email) && !looks_like_email(contact_.email)) {
    problems.add({ErrorCode::invalid, "contact.email must be an e-mail address", {}});
  }
  if (problems.empty()) session_ = session_key_of(session, contact_);
}

Result<EventRequest> EventRequest::parse(const Request& request) {
  EventRequest event{request};
  Problems problems;
  const auto check = [&](const Result<void>& checked) {
    if (!checked) problems.add(checked.error());
  };
  check(check_text("the query", event.query_, max_query_bytes));
  event.read_query(event.query_, problems);
  const Result<std::string_view> key = idempotency_key(request);
  if (!key) problems.add(key.error());
  event.given_key_ = key.value_or("");
  if (!is_utf8(event.body_)) {
    problems.add({ErrorCode::invalid, "the body must be valid UTF-8 text", {}});
  }
  if (!is_utf8(event.content_type_)) {
    problems.add({ErrorCode::invalid, "headers must be valid UTF-8 text", {}});
  }
  if (!problems.empty()) return std::unexpected(problems.error());
  return event;
}

void EventRequest::identify(const KnownTrigger& trigger) {
  delivery_key_.clear();
  if (!given_key_.empty() || !trigger.delivery_id) return;
  delivery_key_ =
      trigger.delivery_id->key([this](std::string_view name) { return head_.header(name); }, body_);
}

std::vector<Description::Parameter> EventRequest::parameters() {
  std::vector<Description::Parameter> parameters;
  for (const QueryRule* rule : {&session_rule, &name_rule, &email_rule, &phone_rule}) {
    boost::json::object schema = text_schema();
    schema["maxLength"] = rule->max_bytes;
    std::string about{rule->about};
    if (!rule->second_name.empty()) about += fmt::format("; `{}` is the same", rule->second_name);
    parameters.push_back({std::string{rule->name}, std::move(about), std::move(schema)});
  }
  return parameters;
}

NewEvent EventRequest::to_event(const KnownTrigger& trigger, TimePoint received_at) const {
  return {.trigger = trigger.key,
          .account = trigger.account,
          .trigger_version = trigger.version,
          .source = EventSource::request,
          .received_at = received_at,
          .method = method_,
          .content_type = content_type_,
          .query = query_,
          .headers = headers_,
          .session = session_.text(),
          .session_number = session_.empty() ? 0 : session_number(trigger.key, session_),
          .contact_name = contact_.name,
          .contact_email = contact_.email,
          .contact_phone = contact_.phone,
          .idempotency_key = key(),
          .body = body_};
}

}  // namespace bellpull
