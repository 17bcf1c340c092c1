#include "api/event_request.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/idempotency_key.h"
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

constexpr std::size_t max_session_bytes = 512;
constexpr std::size_t max_name_bytes = 191;
constexpr std::size_t max_phone_bytes = 64;
constexpr std::size_t max_query_bytes = 8 * 1024;

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

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The dotted form is preferred; an empty one counts as absent.
std::string_view value_of(const Query& query, std::string_view dotted, std::string_view plain) {
  const std::string_view preferred = trimmed(query.find(dotted).value_or(""));
  return preferred.empty() ? trimmed(query.find(plain).value_or("")) : preferred;
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
    : head_(request),
      method_(method_name(request.method())),
      query_(request.query()),
      content_type_(request.header("content-type")),
      // A GET that does carry a body means nothing by it.
      body_(request.method() == Method::get ? std::string_view{} : request.body),
      headers_(selected_headers(request)) {}

Result<void> EventRequest::read_query(std::string_view raw) {
  if (raw.empty()) return {};
  const Query query{raw};
  const std::string_view session = trimmed(query.find("session").value_or(""));
  contact_ = {.name = std::string{value_of(query, "contact.name", "contact_name")},
              .email = std::string{value_of(query, "contact.email", "contact_email")},
              .phone = std::string{value_of(query, "contact.phone", "contact_phone")}};
  auto checked = check_text("session", session, max_session_bytes);
  if (checked) checked = check_text("contact.name", contact_.name, max_name_bytes);
  if (checked) checked = check_text("contact.email", contact_.email, max_query_bytes);
  if (checked) checked = check_text("contact.phone", contact_.phone, max_phone_bytes);
  if (!checked) return checked;
  if (!contact_.email.empty() && !looks_like_email(contact_.email)) {
    return fail(ErrorCode::invalid, "contact.email must be an e-mail address");
  }
  session_ = session_key_of(session, contact_);
  return {};
}

Result<EventRequest> EventRequest::parse(const Request& request) {
  EventRequest event{request};
  auto checked = check_text("the query", event.query_, max_query_bytes);
  if (checked) checked = event.read_query(event.query_);
  if (!checked) return std::unexpected(checked.error());
  const Result<std::string_view> key = idempotency_key(request);
  if (!key) return std::unexpected(key.error());
  event.given_key_ = *key;
  if (!is_utf8(event.body_)) return fail(ErrorCode::invalid, "the body must be valid UTF-8 text");
  if (!is_utf8(event.content_type_)) {
    return fail(ErrorCode::invalid, "headers must be valid UTF-8 text");
  }
  return event;
}

void EventRequest::identify(const KnownTrigger& trigger) {
  delivery_key_.clear();
  if (!given_key_.empty() || !trigger.delivery_id) return;
  delivery_key_ =
      trigger.delivery_id->key([this](std::string_view name) { return head_.header(name); }, body_);
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
