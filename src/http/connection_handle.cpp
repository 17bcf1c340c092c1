// How a connection gets its reply: from the router, from the handler, or from its own refusals.
#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/task.h"
#include "http/connection.h"
#include "http/failure_text.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/service.h"

namespace bellpull {

namespace asio = boost::asio;

void Connection::make_error(int status, std::string_view message) {
  const RequestHead head{reader_.head()};
  const RequestHead* known = has_head_ ? &head : nullptr;
  if (service_.hooks.error) {
    response_ = service_.hooks.error(status, message, known);
    return;
  }
  response_ = Response{};
  response_.status = status;
  response_.content_type = "text/plain; charset=utf-8";
  response_.body = std::string{message} + "\n";
}

void Connection::log_failure(const std::exception_ptr& failure, std::string_view what) {
  const Route* route = reader_.head().match.route;
  service_.log.error("http", what,
                     {{"route", route != nullptr ? route->pattern.c_str() : ""},
                      {"failure", failure_text(failure).c_str()}});
}

// True when a handler is to be called; otherwise the reply is ready.
bool Connection::route_request() {
  ParsedHead& head = reader_.head();
  const auto outcome = service_.router.find(head.method, head.path, head.match);
  const bool is_named =
      outcome == Router::Outcome::found &&
      std::ranges::find(head.match.route->methods, head.method) != head.match.route->methods.end();
  if (is_named) return true;
  if (head.method == Method::options && outcome != Router::Outcome::bad_path) {
    response_ = Response{};
    if (service_.hooks.options) {
      response_ = service_.hooks.options(RequestHead{head});
    } else {
      response_.status = 204;
      if (!head.match.allow.empty()) response_.headers.add("Allow", head.match.allow);
    }
    return false;
  }
  switch (outcome) {
    case Router::Outcome::found:  // HEAD, which must have no effect
      response_ = Response{};
      break;
    case Router::Outcome::not_found:
      make_error(404, "Not found");
      break;
    case Router::Outcome::bad_path:
      make_error(400, "The path is not percent-encoded UTF-8");
      break;
    case Router::Outcome::method_not_allowed:
      make_error(405, "Method not allowed");
      response_.headers.add("Allow", head.match.allow);
      break;
  }
  return false;
}

Connection::Verdict Connection::take(Admission admission) {
  reader_.head().grant = std::move(admission.grant);
  if (!admission.refusal) return Verdict::admitted;
  response_ = std::move(*admission.refusal);
  return Verdict::refused;
}

void Connection::fail_with(const std::exception_ptr& failure, std::string_view what) {
  log_failure(failure, what);
  make_error(500, "Internal server error");
}

// Before the body is read: whether it is worth reading. Nothing when the route must look something
// up to say so.
std::optional<Connection::Verdict> Connection::admit(const Route& route) {
  if (!route.admit) return Verdict::admitted;
  try {
    std::optional<Admission> admission = route.admit(RequestHead{reader_.head()});
    if (!admission) return std::nullopt;
    return take(std::move(*admission));
  } catch (...) {
    fail_with(std::current_exception(), "admission failed");
    return Verdict::refused;
  }
}

Task<Connection::Verdict> Connection::look_up_and_admit(const Route* route) {
  enter(Phase::handling, started_ + service_.limits.total_time);
  std::exception_ptr failure;
  try {
    Admission admission = co_await route->look_up(RequestHead{reader_.head()});
    co_return take(std::move(admission));
  } catch (...) {
    failure = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return Verdict::cut;
  fail_with(failure, "admission failed");
  co_return Verdict::refused;
}

Task<Connection::Next> Connection::handle_request() {
  if (!route_request()) co_return co_await answer_early();
  const ParsedHead& head = reader_.head();
  const Route& route = *head.match.route;
  std::optional<Verdict> verdict = admit(route);
  if (!verdict) verdict = co_await look_up_and_admit(&route);
  if (verdict == Verdict::cut) co_return Next::cut;
  if (verdict == Verdict::refused) co_return co_await answer_early();
  if (head.content_length > route.body_limit) {
    make_error(413, "The body is too large");
    co_return co_await answer_early();
  }
  reader_.limit_body(route.body_limit);
  const bool has_body = head.chunked || head.content_length > 0;
  if (has_body && head.expects_continue && buffer_.bytes().empty()) {
    write_started_ = loop_.now();
    const bool sent = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return Next::cut;
  }
  Fill got = try_body();
  if (got == Fill::more) got = co_await read_rest_of_body();
  if (got != Fill::data) co_return co_await refuse(got);

  enter(Phase::handling, started_ + service_.limits.total_time);
  std::exception_ptr failure;
  try {
    Request request{head, reader_.body()};
    response_ = co_await route.handle(request);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return Next::cut;
    fail_with(failure, "handler failed");
  }
  keep_alive_ = head.keep_alive && !response_.close && !loop_.stopping;
  // As send_response() does, without a frame of its own.
  bool sent = send_at_once();
  if (!sent) sent = co_await send_rest();
  observe();
  reader_.next();
  if (!sent) co_return Next::cut;
  co_return keep_alive_ ? Next::request : Next::close;
}

// A reply before the body was read. A small body is read after it, so that the connection can be
// used again; a large one is not worth that, and one that waits for 100 Continue never comes.
Task<Connection::Next> Connection::answer_early() {
  const ParsedHead& head = reader_.head();
  const bool has_body = head.chunked || head.content_length > 0;
  const bool can_discard = !has_body || (!head.chunked && !head.expects_continue &&
                                         head.content_length <= service_.limits.discard_bytes);
  keep_alive_ = can_discard && head.keep_alive && !response_.close && !loop_.stopping;
  const bool sent = co_await send_response();
  observe();
  if (!sent) co_return Next::cut;
  if (!keep_alive_) co_return has_body ? Next::close_after_draining : Next::close;
  reader_.limit_body(service_.limits.discard_bytes);
  Fill got = try_body();
  if (got == Fill::more) got = co_await read_rest_of_body();
  if (got != Fill::data) co_return Next::close;
  reader_.next();
  co_return Next::request;
}

// The reply to a client that did not send a request that can be served.
Task<Connection::Next> Connection::refuse(Fill why) {
  const bool said_nothing = !has_head_ && buffer_.bytes().empty();
  if (why == Fill::gone) co_return Next::cut;
  if (said_nothing && why != Fill::refused && why != Fill::no_memory) co_return Next::close;
  keep_alive_ = false;
  switch (why) {
    case Fill::refused:
      make_error(reader_.refusal().status, reader_.refusal().message);
      break;
    case Fill::timed_out:
      make_error(408, "The request took too long to arrive");
      break;
    case Fill::no_memory:
      make_error(503, "Too many requests are being received");
      break;
    default:
      make_error(400, "The request is incomplete");
      break;
  }
  const bool sent = co_await send_response();
  observe();
  co_return sent ? Next::close_after_draining : Next::cut;
}

}  // namespace bellpull
