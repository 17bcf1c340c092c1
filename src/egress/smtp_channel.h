// The conversation with a mail relay over a connection that curl has opened: a command, a reply.
//
// Every wait gives the thread back, and ends at the deadline or when the task is cancelled; after
// either the channel is of no use any more.
//
// Lifetime: the handle outlives it, and stays in its loop meanwhile. Threads: the executor's only.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/descriptor_base.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <curl/curl.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/smtp_reply.h"

namespace bellpull {

enum class ChannelFailure : std::uint8_t { lost, timeout, canceled };

class SmtpChannel {
 public:
  // `time_left` is for the whole conversation.
  SmtpChannel(const boost::asio::any_io_executor& executor, CURL* handle, Duration time_left);
  ~SmtpChannel();
  SmtpChannel(const SmtpChannel&) = delete;
  SmtpChannel& operator=(const SmtpChannel&) = delete;

  // Sends `line` and its end, and gives the relay's answer.
  Task<std::expected<SmtpReply, ChannelFailure>> command(std::string line);
  Task<std::expected<void, ChannelFailure>> send(std::string bytes);
  // Says goodbye, as well as it can be done without waiting.
  void quit();

 private:
  Task<std::expected<SmtpReply, ChannelFailure>> reply();
  Task<std::expected<void, ChannelFailure>> ready(
      boost::asio::posix::descriptor_base::wait_type what);

  CURL* const handle_;
  const SteadyTime deadline_;
  boost::asio::posix::stream_descriptor socket_;  // curl's, lent
  SmtpReplyReader reader_;
};

}  // namespace bellpull
