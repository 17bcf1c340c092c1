// A program started by the operator's word, with pipes to its standard streams.
//
// It leads a process group of its own, inherits no descriptor but these three, and gets the
// environment that it is given, nothing of ours. Whatever happens to this object, no process and no
// zombie stays behind: the group is killed and the child reaped with it.
//
// Whoever writes to a child must ignore SIGPIPE. Threads: the executor's only.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "mcp/server_settings.h"

namespace bellpull {

class ChildProcess {
 public:
  using Stream = boost::asio::posix::stream_descriptor;

  // Fails when the program or its directory is not there, saying so.
  static Result<std::unique_ptr<ChildProcess>> start(const boost::asio::any_io_executor& executor,
                                                     const StdioCommand& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  Stream& input() { return input_; }  // what we write
  Stream& output() { return output_; }
  Stream& errors() { return errors_; }
  pid_t id() const { return id_; }

  // Waits until it has ended, at most so long; gives whether it has.
  Task<bool> wait_for_end(Duration at_most);
  // Closes its input, and when that does not end it, SIGTERM, then SIGKILL, to its whole group.
  Task<void> end(Duration patience);
  // "exit code 1", "signal 9"; only after it has ended.
  std::string ending() const;

 private:
  ChildProcess(const boost::asio::any_io_executor& executor, pid_t id);

  void reap();

  const pid_t id_;
  Stream input_;
  Stream output_;
  Stream errors_;
  Stream handle_;  // a pidfd: readable once the process has ended
  bool is_reaped_ = false;
  int status_ = 0;
};

}  // namespace bellpull
