// One reply of a model's server as it arrives, with a bound for how long it may say nothing.
//
// A server that was asked for a stream may answer with a whole body all the same, and does when it
// fails: then it is collected.
//
// Lifetime: one call. Threads: the executor's only.
#pragma once

#include <cstddef>
#include <exception>
#include <expected>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/event_stream.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "llm/answer_stream.h"
#include "llm/provider.h"

namespace bellpull {

struct Quiet {
  Duration before_first;  // until the first byte of the reply's body
  Duration between;       // from one byte to the next
};

class StreamedReply {
 public:
  StreamedReply(const boost::asio::any_io_executor& executor, const Clock& clock, Quiet quiet,
                AnswerStream& stream, AnswerFollower* follower);

  // Gives the head with the body of what was no stream, or a failure of the transport. Cancelling
  // the task closes the connection.
  Task<std::expected<HttpReply, HttpFailure>> perform(HttpClient* client, HttpCall call);

  // Whether the body was a stream, and the answer is in it.
  bool was_stream() const { return was_stream_; }

 private:
  Task<std::expected<HttpReply, HttpFailure>> transfer(HttpClient* client, HttpCall call);
  BodyStep take(const HttpReply& head, std::string_view piece);
  void keep_quiet_for(Duration time);  // from now on
  void take_event(const StreamEvent& event);
  Task<void> watch();

  const Clock& clock_;
  const Quiet quiet_;
  AnswerStream& stream_;
  AnswerFollower* const follower_;

  EventStreamReader reader_;
  std::string body_;
  SteadyTime quiet_until_;
  bool was_stream_ = false;
  bool fits_ = true;
  std::exception_ptr thrown_;  // by the transfer
  boost::asio::steady_timer timer_;
};

}  // namespace bellpull
