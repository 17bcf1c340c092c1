#include "mcp/stdio_channel.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "mcp/call_time.h"
#include "mcp/channel.h"
#include "mcp/child_process.h"
#include "mcp/gate.h"
#include "mcp/http_failure.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"
#include "mcp/stdio_life.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr Duration patience = std::chrono::seconds{2};  // before each harder way to end a process
constexpr Duration grown_up = std::chrono::minutes{1};  // who dies before is started again later
constexpr Duration first_pause = std::chrono::seconds{1};
constexpr unsigned max_doublings = 6;

}  // namespace

StdioChannel::StdioChannel(const asio::any_io_executor& executor, std::string name,
                           StdioCommand command, McpEraChoice choice, McpLimits limits,
                           const Clock& clock, Log& log)
    : executor_(executor),
      name_(std::move(name)),
      command_(std::move(command)),
      choice_(choice),
      limits_(limits),
      redact_(command_.secrets),
      clock_(clock),
      log_(log),
      opening_(executor),
      tasks_(executor, [this](const std::exception_ptr& failure) { note_failure(failure); }),
      burials_(executor, [this](const std::exception_ptr& failure) { note_failure(failure); }) {}

void StdioChannel::note_failure(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_.error("mcp", "a server's pipe failed",
               {{"server", json::value(name_)}, {"error", json::value(error.what())}});
  }
}

std::optional<McpEra> StdioChannel::era() const { return is_open() ? era_ : std::nullopt; }

bool StdioChannel::take_changed() {
  const bool said_so = life_ && life_->take_changed();
  return std::exchange(is_new_, false) || said_so;
}

CallTime StdioChannel::until(SteadyTime deadline) const {
  return {clock_.steady_now(), limits_, deadline};
}

Task<StdioChannel::Reply> StdioChannel::ask(McpCall call) {
  const CallTime time = until(call.deadline);
  if (!is_open()) {
    const Gate::Pass pass = co_await opening_.enter();
    Opened opened;
    if (!is_open()) opened = co_await open(time.last());
    if (!opened) co_return std::unexpected(std::move(opened.error()));
  }
  co_return co_await exchange(life_, std::move(call), time);
}

Task<StdioChannel::Opened> StdioChannel::open(SteadyTime deadline) {
  if (is_stopped_) {
    co_return std::unexpected(McpFailure{McpCause::unreachable, "The server has been stopped"});
  }
  note_death();
  auto waited = co_await wait_out_pause(deadline);
  if (!waited) co_return waited;
  auto started = co_await start();
  if (started) co_return started;
  is_ready_ = false;
  note_death();
  co_return started;
}

// A process that died, or could not be made use of, is buried, and its successor has to wait.
void StdioChannel::note_death() {
  if (!life_) return;
  const SteadyTime now = clock_.steady_now();
  young_deaths_ = now - born_ < grown_up ? young_deaths_ + 1 : 0;
  if (young_deaths_ > 0) {
    not_before_ = now + first_pause * (1U << std::min(young_deaths_ - 1, max_doublings));
  }
  if (life_->is_dead()) {
    log_.warning("mcp", "a server is gone",
                 {{"server", json::value(name_)}, {"why", json::value(life_->why())}});
  }
  burials_.start(StdioLife::end(life_, patience));
  life_.reset();
}

Task<StdioChannel::Opened> StdioChannel::wait_out_pause(SteadyTime deadline) {
  const auto pause = std::chrono::duration_cast<Duration>(not_before_ - clock_.steady_now());
  if (pause <= Duration{0}) co_return Opened{};
  if (not_before_ >= deadline || pause > limits_.start) {
    co_return std::unexpected(
        McpFailure{.cause = McpCause::unreachable,
                   .message = fmt::format("The server {} keeps ending; it is started again in {} s",
                                          name_, (pause.count() + 999) / 1000),
                   .retry_after = pause});
  }
  asio::steady_timer timer(executor_, pause);
  co_await timer.async_wait(asio::use_awaitable);
  co_return Opened{};
}

Task<StdioChannel::Opened> StdioChannel::start() {
  born_ = clock_.steady_now();
  auto process = ChildProcess::start(executor_, command_);
  if (!process) {
    ++young_deaths_;
    not_before_ = born_ + first_pause * (1U << std::min(young_deaths_ - 1, max_doublings));
    co_return std::unexpected(McpFailure{McpCause::unreachable, process.error().message});
  }
  log_.info("mcp", "a server was started",
            {{"server", json::value(name_)}, {"process", json::value((*process)->id())}});
  life_ = std::make_shared<StdioLife>(name_, std::move(*process), limits_, redact_, clock_, log_);
  life_->begin(tasks_);
  is_ready_ = false;
  is_new_ = true;
  auto introduced = co_await introduce(life_);
  is_ready_ = introduced.has_value();
  co_return introduced;
}

// `server/discover` first; whatever a legacy server makes of it, `initialize` is still open to it.
Task<StdioChannel::Opened> StdioChannel::introduce(std::shared_ptr<StdioLife> life) {
  const SteadyTime deadline = clock_.steady_now() + limits_.start;
  const bool is_known_legacy = choice_ == McpEraChoice::legacy || era_ == McpEra::legacy;
  if (is_known_legacy) {
    auto opened = co_await initialize(life, deadline);
    if (opened || choice_ == McpEraChoice::legacy || life->is_dead()) co_return opened;
  }
  era_ = McpEra::modern;  // the form of the question
  const SteadyTime soon = std::min(deadline, clock_.steady_now() + limits_.discover);
  McpCall discover{.method = "server/discover", .is_repeatable = true};
  Reply found = co_await exchange(life, std::move(discover), until(soon));
  if (found) co_return Opened{};
  const bool is_modern = choice_ == McpEraChoice::modern || life->is_dead();
  const bool wants_other = found.error().code == rpc_code::unsupported_version;
  if (is_modern && !wants_other) {
    era_.reset();
    co_return std::unexpected(std::move(found.error()));
  }
  auto opened = co_await initialize(life, deadline);
  co_return opened;
}

Task<StdioChannel::Opened> StdioChannel::initialize(std::shared_ptr<StdioLife> life,
                                                    SteadyTime deadline) {
  era_ = McpEra::legacy;
  McpCall call{.method = "initialize", .params = initialize_params(), .is_repeatable = true};
  Reply agreed = co_await exchange(life, std::move(call), until(deadline));
  if (!agreed) {
    era_.reset();
    co_return std::unexpected(std::move(agreed.error()));
  }
  const auto* const version = agreed->if_contains("protocolVersion");
  const bool is_known = version != nullptr && version->is_string() &&
                        is_known_legacy_version(std::string(version->get_string()));
  if (!is_known) {
    era_.reset();
    co_return std::unexpected(McpFailure{
        McpCause::bad_answer, "The server speaks a version of MCP that is not known here"});
  }
  life->send(rpc_notification("notifications/initialized", {}));
  co_return Opened{};
}

Task<StdioChannel::Reply> StdioChannel::exchange(std::shared_ptr<StdioLife> life, McpCall call,
                                                 CallTime time) {
  const std::int64_t id = ++last_id_;
  json::object params = std::move(call.params);
  if (call.on_progress) ask_for_progress(params, id);
  if (era_ == McpEra::modern) params = with_modern_meta(std::move(params));
  StdioLife::Pending pending(executor_, time);
  pending.on_progress = call.on_progress;
  if (!life->send(rpc_request(id, call.method, params))) {
    co_return std::unexpected(
        McpFailure{McpCause::unreachable, fmt::format("The server {} takes no requests", name_)});
  }
  life->add(id, pending);
  bool is_canceled = false;
  while (!pending.answer && !life->is_dead() && !is_canceled) {
    if (clock_.steady_now() >= pending.time.end()) break;
    pending.wake.expires_at(pending.time.end());
    boost::system::error_code woken;
    co_await pending.wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    const auto state = co_await asio::this_coro::cancellation_state;
    is_canceled = state.cancelled() != asio::cancellation_type::none;
  }
  life->remove(id);
  Reply reply = outcome_of(*life, pending, is_canceled);
  const bool gave_up = !pending.answer && !life->is_dead() && call.method != "initialize";
  if (gave_up) life->send(rpc_notification("notifications/cancelled", {{"requestId", id}}));
  if (!reply && call.is_repeatable) reply.error().outcome_unknown = false;
  co_return reply;
}

StdioChannel::Reply StdioChannel::outcome_of(const StdioLife& life,
                                             const StdioLife::Pending& pending,
                                             bool is_canceled) const {
  if (pending.answer && pending.answer->result) return *pending.answer->result;
  McpFailure failure = late_answer(limits_);
  if (pending.answer) {
    failure = failure_of_error(*pending.answer->error);
  } else if (is_canceled) {
    failure = {
        .cause = McpCause::canceled, .message = "The call was canceled", .outcome_unknown = true};
  } else if (life.is_dead()) {
    failure = {.cause = McpCause::lost,
               .message = fmt::format("The server {} is gone: {}", name_, life.why()),
               .outcome_unknown = true};
  }
  failure.message = redact_(failure.message);
  return std::unexpected(std::move(failure));
}

Task<void> StdioChannel::stop() {
  is_stopped_ = true;
  if (const std::shared_ptr<StdioLife> life = std::exchange(life_, nullptr)) {
    burials_.start(StdioLife::end(life, patience));
  }
  co_await burials_.join();
  tasks_.stop();
  co_await tasks_.join();
}

}  // namespace bellpull
