#include "support/smtp_sink.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/json.hpp>
#include <fmt/core.h>

#include "base/encoding.h"

namespace bellpull {

namespace {

constexpr int patience_ms = 20'000;

struct Child {
  pid_t process = -1;
  int input = -1;
  int output = -1;
};

Child start(std::vector<std::string> arguments) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  // A socket as its input: writing to a child that is gone is an error, not a signal.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0 ||
      ::pipe2(output.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipes");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[1], 0);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  Child child{.input = input[0], .output = output[0]};
  const int failed =
      ::posix_spawnp(&child.process, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(input[1]);
  ::close(output[1]);
  if (failed != 0) throw std::runtime_error(arguments[0] + " cannot be started");
  return child;
}

std::string support(std::string_view file) {
  return fmt::format("{}/tests/support/{}", BELLPULL_SOURCE_FOLDER, file);
}

std::string node() {
  std::string own = BELLPULL_SOURCE_FOLDER "/.tools/node/bin/node";
  return ::access(own.c_str(), X_OK) == 0 ? own : "node";
}

}  // namespace

SmtpSink::SmtpSink(const std::string& options) {
  const Child child = start({node(), support("smtp_sink.mjs"), options});
  process_ = child.process;
  input_ = child.input;
  output_ = child.output;
  wait_for("listening");
}

SmtpSink::~SmtpSink() {
  ::close(input_);
  ::close(output_);
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

std::string SmtpSink::url(std::string_view scheme) const {
  return fmt::format("{}://127.0.0.1:{}", scheme, events_.at(0).at("port").to_number<int>());
}

std::string SmtpSink::certificate() const {
  return boost::json::value_to<std::string>(events_.at(0).at("certificate"));
}

std::size_t SmtpSink::count_of(std::string_view event) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      events_,
      [&](const boost::json::object& one) { return one.at("event").as_string() == event; }));
}

void SmtpSink::wait_for(std::string_view event, std::size_t count) {
  while (count_of(event) < count) {
    if (!read_more(patience_ms)) {
      throw std::runtime_error(fmt::format(
          "the mail relay did not say \"{}\" (tools/setup test installs what it needs)", event));
    }
  }
}

bool SmtpSink::has(std::string_view event) {
  while (read_more(0)) {
  }
  return count_of(event) > 0;
}

std::vector<boost::json::object> SmtpSink::mails() {
  while (read_more(0)) {
  }
  std::vector<boost::json::object> mails;
  std::ranges::copy_if(events_, std::back_inserter(mails), [](const boost::json::object& one) {
    return one.at("event").as_string() == "mail";
  });
  return mails;
}

bool SmtpSink::read_more(int timeout_ms) {
  pollfd wanted{.fd = output_, .events = POLLIN, .revents = 0};
  if (::poll(&wanted, 1, timeout_ms) <= 0) return false;
  std::array<char, 16'384> buffer;
  const ssize_t got = ::read(output_, buffer.data(), buffer.size());
  if (got <= 0) return false;
  unread_.append(buffer.data(), static_cast<std::size_t>(got));
  for (std::size_t end = 0; (end = unread_.find('\n')) != std::string::npos;) {
    events_.push_back(boost::json::parse(unread_.substr(0, end)).as_object());
    unread_.erase(0, end + 1);
  }
  return true;
}

boost::json::object parse_mail(const boost::json::object& mail) {
  const auto raw = from_base64(boost::json::value_to<std::string>(mail.at("raw"))).value();
  const Child child = start({"python3", support("parse_mail.py")});
  for (std::size_t sent = 0; sent < raw.size();) {
    const ssize_t more = ::send(child.input, raw.data() + sent, raw.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) break;
    sent += static_cast<std::size_t>(more);
  }
  ::shutdown(child.input, SHUT_WR);
  std::string text;
  std::array<char, 16'384> buffer;
  for (ssize_t got = 0; (got = ::read(child.output, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(child.input);
  ::close(child.output);
  ::waitpid(child.process, nullptr, 0);
  return boost::json::parse(text).as_object();
}

}  // namespace bellpull
