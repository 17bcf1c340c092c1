// MCP over the standard input and output of a program that the operator declared.
//
// One process serves all calls. It is started by the first one, and again by the first one after
// its death, later each time that it dies young.
//
// Lifetime and threads: see channel.h.
#pragma once

#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/redaction.h"
#include "mcp/call_time.h"
#include "mcp/channel.h"
#include "mcp/gate.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"
#include "mcp/stdio_life.h"

namespace bellpull {

class StdioChannel final : public McpChannel {
 public:
  StdioChannel(const boost::asio::any_io_executor& executor, std::string name, StdioCommand command,
               McpEraChoice choice, McpLimits limits, const Clock& clock, Log& log);

  Task<std::expected<boost::json::object, McpFailure>> ask(McpCall call) override;
  std::optional<McpEra> era() const override;
  bool take_changed() override;
  const Redactor& redactor() const override { return redact_; }
  Task<void> stop() override;

 private:
  using Reply = std::expected<boost::json::object, McpFailure>;
  using Opened = std::expected<void, McpFailure>;

  bool is_open() const { return life_ && is_ready_ && !life_->is_dead(); }
  Task<Opened> open(SteadyTime deadline);
  Task<Opened> start();
  Task<Opened> introduce(std::shared_ptr<StdioLife> life);
  Task<Opened> initialize(std::shared_ptr<StdioLife> life, SteadyTime deadline);
  Task<Opened> wait_out_pause(SteadyTime deadline);
  Task<Reply> exchange(std::shared_ptr<StdioLife> life, McpCall call, CallTime time);
  Reply outcome_of(const StdioLife& life, const StdioLife::Pending& pending,
                   bool is_canceled) const;
  CallTime until(SteadyTime deadline) const;
  void note_death();
  void note_failure(const std::exception_ptr& failure);

  // Constant after construction:
  const boost::asio::any_io_executor executor_;
  const std::string name_;
  const StdioCommand command_;
  const McpEraChoice choice_;
  const McpLimits limits_;
  const Redactor redact_;
  const Clock& clock_;
  Log& log_;

  // The executor's:
  Gate opening_;
  TaskGroup tasks_;    // what reads and writes
  TaskGroup burials_;  // processes that are being ended
  std::shared_ptr<StdioLife> life_;
  std::optional<McpEra> era_;
  bool is_ready_ = false;
  bool is_new_ = false;  // another process than the one that was asked last
  bool is_stopped_ = false;
  SteadyTime born_;
  SteadyTime not_before_;  // of the next start
  unsigned young_deaths_ = 0;
  std::int64_t last_id_ = 0;
};

}  // namespace bellpull
