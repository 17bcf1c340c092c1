#include "mcp/stdio_life.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/redaction.h"
#include "mcp/child_process.h"
#include "mcp/line_reader.h"
#include "mcp/notice.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t read_bytes = std::size_t{16} * 1024;
constexpr std::size_t max_queued_bytes = std::size_t{16} << 20;
constexpr std::size_t max_logged_line = 1000;
constexpr std::size_t max_logged_lines = 60;  // a minute
constexpr Duration death_rattle = std::chrono::seconds{1};

}  // namespace

StdioLife::StdioLife(std::string name, std::unique_ptr<ChildProcess> process,
                     const McpLimits& limits, const Redactor& redact, const Clock& clock, Log& log)
    : name_(std::move(name)),
      limits_(limits),
      redact_(redact),
      clock_(clock),
      log_(log),
      process_(std::move(process)),
      log_minute_(clock.steady_now()) {}

void StdioLife::begin(TaskGroup& tasks) {
  tasks_ = &tasks;
  const auto self = shared_from_this();
  tasks.start(or_die(self, read_output(self)));
  tasks.start(or_die(self, read_errors(self)));
}

bool StdioLife::send(std::string line) {
  if (is_dead_ || queued_bytes_ + line.size() > max_queued_bytes) return false;
  line += '\n';
  queued_bytes_ += line.size();
  queue_.push_back(std::move(line));
  const auto self = shared_from_this();
  if (!std::exchange(is_writing_, true)) tasks_->start(or_die(self, write_queue(self)));
  return true;
}

Task<void> StdioLife::or_die(std::shared_ptr<StdioLife> self, Task<void> work) {
  try {
    co_await std::move(work);
  } catch (const std::exception& error) {
    self->die(fmt::format("its pipe failed: {}", error.what()));
    throw;
  }
}

Task<void> StdioLife::write_queue(std::shared_ptr<StdioLife> self) {
  boost::system::error_code failed;
  while (!self->queue_.empty() && !self->is_dead_) {
    const std::string line = std::move(self->queue_.front());
    self->queue_.pop_front();
    co_await asio::async_write(self->process_->input(), asio::buffer(line),
                               asio::redirect_error(asio::use_awaitable, failed));
    self->queued_bytes_ -= line.size();
    if (failed) self->die("it no longer reads its input");
  }
  self->is_writing_ = false;
}

Task<void> StdioLife::read_output(std::shared_ptr<StdioLife> self) {
  LineReader lines(self->limits_.message_bytes,
                   [life = self.get()](std::string_view line) { life->take_line(line); });
  std::array<char, read_bytes> buffer{};
  boost::system::error_code ended;
  // A dying process is read on, so that it can't hang in writing.
  while (!ended) {
    const std::size_t size = co_await self->process_->output().async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ended));
    if (!self->is_dead_ && !lines.feed(std::string_view(buffer.data(), size))) {
      self->die(fmt::format("it wrote a line of more than {} bytes", self->limits_.message_bytes));
    }
  }
  if (self->is_dead_) co_return;
  const bool has_ended = co_await self->process_->wait_for_end(death_rattle);
  self->die(has_ended ? "it ended with " + self->process_->ending() : "it closed its output");
}

Task<void> StdioLife::read_errors(std::shared_ptr<StdioLife> self) {
  LineReader lines(max_logged_line,
                   [life = self.get()](std::string_view line) { life->log_line(line); });
  std::array<char, read_bytes> buffer{};
  boost::system::error_code ended;
  while (!ended) {
    const std::size_t size = co_await self->process_->errors().async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ended));
    const bool fits = lines.feed(std::string_view(buffer.data(), size));
    if (!fits) self->log_line("(a line that is too long)");
  }
}

void StdioLife::log_line(std::string_view line) {
  if (line.empty()) return;
  const SteadyTime now = clock_.steady_now();
  if (now - log_minute_ >= std::chrono::minutes{1}) {
    log_minute_ = now;
    logged_ = 0;
  }
  if (++logged_ > max_logged_lines) {
    if (logged_ == max_logged_lines + 1) {
      log_.warning("mcp", "a server says too much; the rest of the minute is left out",
                   {{"server", json::value(name_)}});
    }
    return;
  }
  const std::string text = is_utf8(line) ? redact_(line) : "(no UTF-8)";
  log_.info("mcp", "a server says", {{"server", json::value(name_)}, {"text", json::value(text)}});
}

void StdioLife::take_line(std::string_view line) {
  auto message = read_rpc_message(line);
  if (!message) return;
  if (message->is_request()) {
    send(rpc_refusal(message->id, message->method));
    return;
  }
  if (!message->is_answer()) {
    take_notice(*message);
    return;
  }
  if (!message->id.is_int64()) return;
  const auto found = pending_.find(message->id.get_int64());
  if (found == pending_.end()) return;
  found->second->answer = std::move(*message);
  found->second->wake.cancel();
}

void StdioLife::take_notice(const RpcMessage& message) {
  if (message.method == "notifications/tools/list_changed") changed_ = true;
  for (const auto& [id, pending] : pending_) {
    const auto progress = progress_of(message, id);
    if (!progress) continue;
    pending->time.extend(clock_.steady_now());
    pending->wake.cancel();
    if (pending->on_progress) pending->on_progress(*progress);
    return;  // the callback may have changed who is pending
  }
}

void StdioLife::die(std::string why) {
  if (std::exchange(is_dead_, true)) return;
  why_ = std::move(why);
  queue_.clear();
  for (const auto& [id, pending] : pending_) pending->wake.cancel();
}

Task<void> StdioLife::end(std::shared_ptr<StdioLife> self, Duration patience) {
  self->die("it was stopped");
  co_await self->process_->end(patience);
}

}  // namespace bellpull
