#include "mcp/child_process.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <memory>
#include <new>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "mcp/server_settings.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
  }
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int take(std::size_t end) { return std::exchange(ends.at(end), -1); }

  std::array<int, 2> ends{-1, -1};  // to read from, to write to
};

// What posix_spawn does between fork and exec.
struct Actions {
  Actions() {
    if (::posix_spawn_file_actions_init(&list) != 0) throw std::bad_alloc();
  }
  ~Actions() { ::posix_spawn_file_actions_destroy(&list); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  posix_spawn_file_actions_t list{};
};

struct Attributes {
  Attributes() {
    if (::posix_spawnattr_init(&set) != 0) throw std::bad_alloc();
    sigset_t none;
    sigset_t usual;
    ::sigemptyset(&none);
    ::sigfillset(&usual);
    ::posix_spawnattr_setsigmask(&set, &none);
    ::posix_spawnattr_setsigdefault(&set, &usual);
    ::posix_spawnattr_setpgroup(&set, 0);
    ::posix_spawnattr_setflags(
        &set, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&set); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  posix_spawnattr_t set{};
};

std::vector<std::string> environment_for(const StdioCommand& command) {
  std::map<std::string, std::string> variables = {{"HOME", command.directory}, {"LANG", "C.UTF-8"}};
  if (const char* path = std::getenv("PATH"); path != nullptr) variables["PATH"] = path;
  for (const auto& [name, value] : command.environment) variables[name] = value;
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, value] : variables) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ChildProcess::ChildProcess(const asio::any_io_executor& executor, pid_t id)
    : id_(id), input_(executor), output_(executor), errors_(executor), handle_(executor) {}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const asio::any_io_executor& executor,
                                                          const StdioCommand& command) {
  std::array<Pipe, 3> pipes;
  Actions actions;
  ::posix_spawn_file_actions_adddup2(&actions.list, pipes[0].ends[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions.list, pipes[1].ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions.list, pipes[2].ends[1], STDERR_FILENO);
  // Not all that this process has open is marked to be closed: sockets of clients are not.
  ::posix_spawn_file_actions_addclosefrom_np(&actions.list, STDERR_FILENO + 1);
  ::posix_spawn_file_actions_addchdir_np(&actions.list, command.directory.c_str());
  const Attributes attributes;

  std::vector<std::string> arguments = command.command;
  std::vector<std::string> environment = environment_for(command);
  pid_t id = 0;
  const int problem =
      ::posix_spawnp(&id, arguments.at(0).c_str(), &actions.list, &attributes.set,
                     pointers_to(arguments).data(), pointers_to(environment).data());
  if (problem != 0) {
    return fail(ErrorCode::unavailable,
                fmt::format("{} could not be started in {}: {}", command.command.at(0),
                            command.directory, std::strerror(problem)));
  }
  std::unique_ptr<ChildProcess> child(new ChildProcess(executor, id));
  // By number: the C library's declaration is none of C++.
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
  if (handle < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  child->handle_.assign(handle);
  child->input_.assign(pipes[0].take(1));
  child->output_.assign(pipes[1].take(0));
  child->errors_.assign(pipes[2].take(0));
  return child;
}

ChildProcess::~ChildProcess() { reap(); }

// The group goes first: while the child is a zombie, its number cannot be another group's.
void ChildProcess::reap() {
  if (is_reaped_) return;
  ::kill(-id_, SIGKILL);
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
  }
  is_reaped_ = true;
}

Task<bool> ChildProcess::wait_for_end(Duration at_most) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
  if (is_reaped_) co_return true;
  asio::steady_timer timer(handle_.get_executor(), at_most);
  boost::system::error_code ended;
  boost::system::error_code late;
  const auto first = co_await (
      handle_.async_wait(Stream::wait_read, asio::redirect_error(asio::use_awaitable, ended)) ||
      timer.async_wait(asio::redirect_error(asio::use_awaitable, late)));
  if (first.index() != 0 || ended) co_return false;
  reap();
  co_return true;
}

Task<void> ChildProcess::end(Duration patience) {
  boost::system::error_code ignored;
  input_.close(ignored);
  for (const int signal : {SIGTERM, SIGKILL}) {
    const bool has_ended = co_await wait_for_end(patience);
    if (has_ended) co_return;
    ::kill(-id_, signal);
  }
  const bool has_ended = co_await wait_for_end(patience);
  if (!has_ended) reap();
}

std::string ChildProcess::ending() const {
  if (!is_reaped_) return "still running";
  // NOLINTBEGIN(misc-include-cleaner): sys/wait.h has these from a header of the C library's own
  if (WIFSIGNALED(status_)) return fmt::format("signal {}", WTERMSIG(status_));
  return fmt::format("exit code {}", WEXITSTATUS(status_));
  // NOLINTEND(misc-include-cleaner)
}

}  // namespace bellpull
