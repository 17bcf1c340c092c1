#include "api/routes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>

#include "api/call.h"
#include "api/error_reply.h"
#include "api/idempotency_key.h"
#include "api/json_text.h"
#include "api/keyed_calls.h"
#include "api/media.h"
#include "api/view.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/account.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/text.h"
#include "identity/authenticator.h"
#include "identity/bearer.h"
#include "identity/caller.h"
#include "identity/permit.h"
#include "store/store.h"

namespace bellpull {

namespace {

std::unexpected<Error> not_authenticated(std::string hint) {
  return fail(ErrorCode::unauthenticated, "Not authenticated", std::move(hint));
}

constexpr std::string_view no_token = "send an API token: authorization: Bearer sk-...";

// There are no child accounts, so nobody can be run as: any target is an unknown one.
bool runs_as_another(const RequestHead& request) {
  constexpr std::array<std::string_view, 3> headers{"x-runas-user-id", "x-runas-userid",
                                                    "x-runas-child-user-email"};
  for (const std::string_view header : headers) {
    if (!request.header(header).empty()) return true;
  }
  return false;
}

// The header wins over the token, the token over the setting.
TimestampForm timestamps_for(const RequestHead& request, const Caller& caller,
                             TimestampForm by_default) {
  const std::string_view wanted = request.header("x-timestamps");
  if (equals_ignoring_case(wanted, "ms")) return TimestampForm::ms;
  if (equals_ignoring_case(wanted, "iso")) return TimestampForm::iso;
  return caller.timestamps == TimestampForm::unset ? by_default : caller.timestamps;
}

// What a call does by its token: what the endpoint asks for, and showing secrets.
std::int64_t scopes_in_use(const Caller& caller, Scope scope) {
  return static_cast<std::int64_t>(scope) |
         (caller.scopes & static_cast<std::int64_t>(Scope::secrets_read));
}

Result<boost::json::object> body_of(const Request& request) {
  if (request.method() != Method::post || request.body.empty()) return boost::json::object{};
  if (!is_media_type(request.header("content-type"), "application/json")) {
    return fail(ErrorCode::invalid, "the body must be JSON",
                "send it with content-type: application/json");
  }
  return parse_body(request.body);
}

std::string what_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "not a std::exception";
  }
}

// The server stops, or the client is gone: no failure, and nobody to answer.
bool is_cancelled(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == boost::asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

bool is_store_unavailable(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const StoreUnavailable&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::read:
      return "read";
    case Scope::write:
      return "write";
    case Scope::secrets_read:
      return "secrets:read";
    case Scope::admin:
      return "admin";
  }
  return {};
}

std::string new_request_id(Random& random) {
  std::array<std::uint8_t, 10> bytes{};
  random.fill(bytes);
  return "req_" + to_base32(bytes);
}

Routes::Routes(Router& router, Authenticator& authenticator, KeyedCalls& keyed_calls,
               Random& random, Log& log, RouteSettings settings)
    : router_(router),
      authenticator_(authenticator),
      keyed_calls_(keyed_calls),
      random_(random),
      log_(log),
      settings_(settings) {}

Routes::Endpoint& Routes::get(std::string path, Handle handle) {
  return add(Method::get, std::move(path), Scope::read, std::move(handle));
}

Routes::Endpoint& Routes::post(std::string path, Handle handle) {
  return add(Method::post, std::move(path), Scope::write, std::move(handle));
}

Routes::Endpoint& Routes::post_bytes(std::string path, std::size_t limit, Handle handle) {
  return add(Endpoint{.method = Method::post,
                      .path = std::move(path),
                      .scope = Scope::write,
                      .handle = std::move(handle),
                      .bytes = limit});
}

Routes::Endpoint& Routes::add(Method method, std::string path, Scope scope, Handle handle) {
  return add(Endpoint{
      .method = method, .path = std::move(path), .scope = scope, .handle = std::move(handle)});
}

Routes::Endpoint& Routes::add(Endpoint added) {
  Endpoint& endpoint = endpoints_.emplace_back(std::move(added));
  for (const std::string_view prefix : route_prefixes) {
    add_route(std::string{prefix} + endpoint.path, endpoint);
  }
  return endpoint;
}

Routes::Endpoint& Routes::post_everywhere(std::string path, Handle handle) {
  Endpoint& endpoint = post(std::move(path), std::move(handle));
  add_route(endpoint.path, endpoint);
  return endpoint;
}

Routes::Endpoint& Routes::list(Method method, std::string path, Access access) {
  return endpoints_.emplace_back(
      Endpoint{.method = method, .path = std::move(path), .access = access});
}

void Routes::add_route(std::string pattern, const Endpoint& endpoint) {
  router_.add({.methods = {endpoint.method},
               .pattern = std::move(pattern),
               .body_limit = endpoint.bytes.value_or(settings_.body_limit),
               .handle = [this, &endpoint](Request& request) { return serve(request, &endpoint); },
               .admit = [this](const RequestHead& request) { return admit(request); },
               .look_up = [this, &endpoint](
                              const RequestHead& request) { return look_up(request, &endpoint); }});
}

Admission Routes::turn_away(const Error& error) {
  return {.refusal = error_reply(error, new_request_id())};
}

// Before the body is read: a stranger's is not worth the memory. Identified again when it is there,
// because a body takes its time, and a token may be revoked meanwhile.
std::optional<Admission> Routes::admit(const RequestHead& request) {
  const auto token = bearer_token(request.header("authorization"));
  if (!token || !has_token_form(*token)) {
    return turn_away(not_authenticated(std::string{no_token}).error());
  }
  if (!authenticator_.recall(*token)) return std::nullopt;
  return Admission{};
}

Task<Admission> Routes::look_up(RequestHead request, const Endpoint* endpoint) {
  std::exception_ptr failure;
  try {
    const Result<Caller> caller = co_await identify(request);
    co_return caller ? Admission{} : turn_away(caller.error());
  } catch (...) {
    failure = std::current_exception();
  }
  co_return Admission{.refusal = answer_failure(failure, *endpoint, new_request_id())};
}

Task<Response> Routes::serve(Request request, const Endpoint* endpoint) {
  const std::string request_id = new_request_id();
  std::exception_ptr failure;
  try {
    co_return co_await serve_call(request, endpoint, request_id);
  } catch (...) {
    failure = std::current_exception();
  }
  co_return answer_failure(failure, *endpoint, request_id);
}

// Rethrows a cancellation, which nobody waits for the answer of.
Response Routes::answer_failure(const std::exception_ptr& failure, const Endpoint& endpoint,
                                std::string_view request_id) {
  if (is_cancelled(failure)) std::rethrow_exception(failure);
  const bool unavailable = is_store_unavailable(failure);
  log_.error("api", unavailable ? "the store is unavailable" : "a request failed",
             {{"endpoint", boost::json::value(endpoint.path)},
              {"request", boost::json::value(request_id)},
              {"failure", boost::json::value(what_of(failure))}});
  return status_reply(unavailable ? 503 : 500, {}, request_id);
}

Task<Response> Routes::serve_call(Request request, const Endpoint* endpoint,
                                  std::string request_id) {
  const RequestHead& head = request;
  const Result<Caller> caller = co_await identify(head);
  if (!caller) co_return error_reply(caller.error(), request_id);
  if (!caller->allows(endpoint->scope)) {
    const Error refusal{ErrorCode::forbidden, "Not authorized",
                        "the token lacks the scope " + std::string{scope_name(endpoint->scope)}};
    co_return error_reply(refusal, request_id);
  }
  Result<boost::json::object> body =
      endpoint->bytes ? Result<boost::json::object>{} : body_of(request);
  if (!body) co_return error_reply(body.error(), request_id);

  std::shared_ptr<KeyedCall> key;
  if (takes_key(endpoint->path)) {
    auto begun = keyed_calls_.begin(head, *caller, *body);
    if (!begun) co_return error_reply(begun.error(), request_id);
    key = std::move(*begun);
  }
  const View view{.timestamps = timestamps_for(request, *caller, settings_.timestamps),
                  .shows_secrets = caller->allows(Scope::secrets_read)};
  const Permit permit{authenticator_, *caller, scopes_in_use(*caller, endpoint->scope)};
  Call call{head, *caller,      view,  std::move(request_id), std::move(*body),
            key,  request.body, permit};
  Response response = co_await endpoint->handle(std::move(call));
  if (key && key->is_repeat()) response.headers.add(repeat_header, "true");
  co_return response;
}

Task<Result<Caller>> Routes::identify(RequestHead request) {
  const auto token = bearer_token(request.header("authorization"));
  if (!token) co_return not_authenticated(std::string{no_token});
  if (runs_as_another(request)) {
    co_return not_authenticated(
        "there are no child accounts: send the account's own token, without x-runas headers");
  }
  if (const auto caller = authenticator_.recall(*token)) co_return *caller;
  co_return co_await authenticator_.authenticate(std::string{*token});
}

}  // namespace bellpull
