#include "cli/client.h"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "base/json.h"
#include "base/task.h"
#include "base/time.h"
#include "cli/configuration.h"
#include "cli/display_text.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "egress/url.h"

namespace bellpull::cli {

namespace asio = boost::asio;

namespace {

constexpr std::string_view api_prefix = "/api/v1";
constexpr std::size_t max_reply = std::size_t{64} * 1024 * 1024;
constexpr std::size_t max_debug_body = 2'000;

std::string base_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(api_prefix)) url.resize(url.size() - api_prefix.size());
  return url;
}

Failure interrupted() {
  return {.exit_code = ExitCode::interrupted, .code = {}, .message = "interrupted"};
}

// Blots out what must not be shown, wherever it stands in the JSON.
void mask_secrets(boost::json::value& value) {
  if (value.is_array()) {
    for (auto& item : value.get_array()) mask_secrets(item);
  }
  if (!value.is_object()) return;
  for (auto& member : value.get_object()) {
    const bool is_secret = member.key() == "secret" || member.key() == "token";
    if (is_secret && member.value().is_string()) {
      member.value() = "…";
    } else {
      mask_secrets(member.value());
    }
  }
}

std::string body_to_show(std::string_view body) {
  boost::system::error_code problem;
  auto value = boost::json::parse(body, problem);
  if (problem) return cut(printable(body), max_debug_body);
  mask_secrets(value);
  return cut(printable(boost::json::serialize(value)), max_debug_body);
}

Task<bool> sleep_for(Duration duration) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  timer.expires_after(duration);
  const auto [problem] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !problem;
}

ExitCode exit_code_of(unsigned status) {
  switch (status) {
    case 401:
    case 403:
      return ExitCode::not_allowed;
    case 404:
      return ExitCode::not_found;
    case 400:
    case 409:
    case 413:
    case 422:
      return ExitCode::conflict;
    default:
      return ExitCode::failed;
  }
}

}  // namespace

// The loop that the calls of a command run on, one at a time.
struct Client::Loop {
  Loop(AllowList allow_list, const Clock& clock, HttpClientSettings settings)
      : resolver(context.get_executor(), clock),
        http(context.get_executor(), std::move(allow_list), {resolver, resolver}, clock,
             std::move(settings)),
        signals(context, SIGINT, SIGTERM) {
    watch_signals();
  }

  void watch_signals() {
    signals.async_wait([this](boost::system::error_code problem, int /*signal*/) {
      if (problem) return;
      if (is_interrupted) _exit(static_cast<int>(ExitCode::interrupted));
      is_interrupted = true;
      cancel.emit(asio::cancellation_type::terminal);
      watch_signals();
    });
  }

  template <class T>
  std::optional<T> run(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    bool has_ended = false;
    asio::co_spawn(
        context, std::move(task),
        asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& thrown, T value) {
          has_ended = true;
          failure = thrown;
          if (!thrown) result = std::move(value);
        }));
    context.restart();
    // Signals and kept connections stay open beside the task, so the context never runs empty.
    while (!has_ended && context.run_one() > 0) {
    }
    if (failure && !is_interrupted) std::rethrow_exception(failure);
    return result;
  }

  asio::io_context context{1};
  DnsResolver resolver;
  HttpClient http;
  asio::signal_set signals;
  asio::cancellation_signal cancel;
  bool is_interrupted = false;
};

Client::Client(const Configuration& configuration, const Clock& clock, std::ostream* debug)
    : url_(base_of(configuration.url.value)),
      token_(configuration.token.value),
      token_origin_(configuration.token.origin),
      clock_(clock),
      debug_(debug),
      loop_(std::make_unique<Loop>(
          AllowList{}, clock,
          HttpClientSettings{.transfers = {.user_agent = "bellpull-cli/" BELLPULL_VERSION,
                                           .ca_file = configuration.ca_file.value},
                             .max_connections = 8})) {}

Client::~Client() = default;

Outcome<boost::json::object> Client::get(std::string_view path, Duration time_limit) {
  return ask({.path = std::string{api_prefix} + std::string{path},
              .bearer = token_,
              .time_limit = time_limit});
}

Outcome<boost::json::object> Client::post(std::string_view path, const boost::json::object& body) {
  return ask({.method = "POST",
              .path = std::string{api_prefix} + std::string{path},
              .headers = {{"content-type", "application/json"}},
              .body = boost::json::serialize(body),
              .bearer = token_});
}

Outcome<boost::json::object> Client::ask(ApiCall call) {
  call.headers.push_back({"accept", "application/json"});
  call.headers.push_back({"x-timestamps", "iso"});
  auto reply = send(call);
  if (!reply) return std::unexpected(std::move(reply.error()));
  if (reply->status < 200 || reply->status > 299) {
    Failure failure = failure_of_reply(*reply);
    if (reply->status == 401 && token_.empty()) {
      failure.hint = "No API token was found.";
      failure.next = {{"export BELLPULL_TOKEN=sk-...", "a token of this server"},
                      {"bellpull config list --origin", "see where the CLI looked"}};
    } else if (reply->status == 401) {
      failure.hint = "The token came from " + token_origin_ + ".";
      failure.next = {{"bellpull config list --origin", "see which server and token are used"}};
    }
    return std::unexpected(std::move(failure));
  }
  std::optional<boost::json::object> object = read_stored(reply->body);
  if (!object) {
    return std::unexpected(
        Failure{.code = {},
                .message = fmt::format("{} did not answer as a Bellpull server does", url_),
                .next = {{"bellpull config get url", "see which server this CLI talks to"}}});
  }
  return std::move(*object);
}

Outcome<HttpReply> Client::send(const ApiCall& call) {
  if (loop_->is_interrupted) return std::unexpected(interrupted());
  const auto allowance = Allowance::for_url(url_);
  if (!allowance) return usage_failure("the server's URL is not valid: " + url_);
  HttpCall http{.method = call.method,
                .url = url_ + call.path,
                .headers = call.headers,
                .body = call.body,
                .deadline = clock_.steady_now() + call.time_limit,
                .response_limit = max_reply,
                .max_redirects = 0,
                .resend = call.resend,
                .allowance = *allowance};
  if (!call.bearer.empty()) http.headers.push_back({"authorization", "Bearer " + call.bearer});

  const SteadyTime started = clock_.steady_now();
  auto reply = loop_->run(loop_->http.send(std::move(http)));
  if (!reply || loop_->is_interrupted) return std::unexpected(interrupted());
  if (!*reply) return std::unexpected(failure_of(reply->error()));
  show(call, **reply, std::chrono::duration_cast<Duration>(clock_.steady_now() - started));
  return std::move(**reply);
}

Outcome<void> Client::pause(Duration duration) {
  if (!loop_->is_interrupted) loop_->run(sleep_for(duration));
  if (loop_->is_interrupted) return std::unexpected(interrupted());
  return {};
}

Failure Client::failure_of(const HttpFailure& failure) const {
  Failure result{.exit_code = ExitCode::unreachable, .code = {}, .message = {}};
  const auto url = parse_url(url_);
  const bool is_local = url && (url->host == "localhost" || url->host.starts_with("127."));
  std::string why = failure.message;
  if (failure.cause == HttpCause::connect && is_local) why = "connection refused";
  result.message = fmt::format("cannot reach the server at {} ({})", url_, why);
  const NextStep see{"bellpull config get url", "see which server this CLI talks to"};
  if (failure.cause == HttpCause::tls) {
    result.next = {{"--ca-file FILE", "trust the authority of a self-signed server"}, see};
  } else if (failure.cause == HttpCause::connect && is_local) {
    result.hint = "It does not seem to be running on this machine.";
    result.next = {{"bellpull serve", "start it here"}, see};
  } else {
    result.next = {see};
  }
  return result;
}

void Client::show(const ApiCall& call, const HttpReply& reply, Duration took) const {
  if (debug_ == nullptr) return;
  *debug_ << fmt::format("> {} {}{}\n", call.method, url_, printable(call.path));
  if (!call.bearer.empty()) *debug_ << "> authorization: Bearer …\n";
  if (!call.body.empty()) *debug_ << "> " << body_to_show(call.body) << "\n";
  *debug_ << fmt::format("< {} in {}\n", reply.status, duration_text(took));
  if (!reply.body.empty()) *debug_ << "< " << body_to_show(reply.body) << "\n";
}

Failure failure_of_reply(const HttpReply& reply) {
  Failure failure{.exit_code = exit_code_of(reply.status),
                  .code = {},
                  .message = fmt::format("the server answered with status {}", reply.status),
                  .status = reply.status};
  boost::system::error_code problem;
  const auto value = boost::json::parse(reply.body, problem);
  if (problem || !value.is_object()) return failure;
  const boost::json::object& body = value.get_object();
  if (const std::string message = text_at(body, "message"); !message.empty()) {
    failure.message = message;
  }
  failure.code = text_at(body, "code");
  failure.hint = text_at(body, "hint");
  failure.request_id = text_at(body, "requestId");
  return failure;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  std::string encoded;
  for (const char c : text) {
    if (kept.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace bellpull::cli
