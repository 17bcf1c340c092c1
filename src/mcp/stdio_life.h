// One life of a stdio server, from its start to its death: messages to and from one process.
//
// Calls share it; answers find their call by the id. What the process writes to its standard error
// goes to our log, within limits; lines on its output that are no message are passed over.
//
// Lifetime: shared by its channel and the tasks that read and write, which go on until the process
// is dead. Threads: the executor's only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/redaction.h"
#include "mcp/call_time.h"
#include "mcp/channel.h"
#include "mcp/child_process.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

class StdioLife : public std::enable_shared_from_this<StdioLife> {
 public:
  // A call under way; its owner keeps it until it has left the life.
  struct Pending {
    Pending(const boost::asio::any_io_executor& executor, CallTime call_time)
        : time(call_time), wake(executor) {}

    CallTime time;
    std::function<void(const McpProgress&)> on_progress;
    std::optional<RpcMessage> answer;
    boost::asio::steady_timer wake;
  };

  StdioLife(std::string name, std::unique_ptr<ChildProcess> process, const McpLimits& limits,
            const Redactor& redact, const Clock& clock, Log& log);

  // Starts what reads and writes in `tasks`.
  void begin(TaskGroup& tasks);

  // Sends one message. Gives false when the process takes nothing any more.
  bool send(std::string line);
  void add(std::int64_t id, Pending& pending) { pending_[id] = &pending; }
  void remove(std::int64_t id) { pending_.erase(id); }

  bool is_dead() const { return is_dead_; }
  const std::string& why() const { return why_; }  // it is dead
  bool take_changed() { return std::exchange(changed_, false); }

  // Ends the process; everybody who waits is told.
  static Task<void> end(std::shared_ptr<StdioLife> self, Duration patience);

 private:
  // What fails by itself takes the life along: nobody would read or write any more.
  static Task<void> or_die(std::shared_ptr<StdioLife> self, Task<void> work);
  static Task<void> read_output(std::shared_ptr<StdioLife> self);
  static Task<void> read_errors(std::shared_ptr<StdioLife> self);
  static Task<void> write_queue(std::shared_ptr<StdioLife> self);
  void take_line(std::string_view line);
  void take_notice(const RpcMessage& message);
  void log_line(std::string_view line);
  void die(std::string why);

  const std::string name_;
  const McpLimits& limits_;
  const Redactor& redact_;
  const Clock& clock_;
  Log& log_;

  const std::unique_ptr<ChildProcess> process_;
  TaskGroup* tasks_ = nullptr;
  std::unordered_map<std::int64_t, Pending*> pending_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool is_writing_ = false;
  bool is_dead_ = false;
  bool changed_ = false;
  std::string why_;
  SteadyTime log_minute_;
  std::size_t logged_ = 0;
};

}  // namespace bellpull
