// One client: reads its requests one after the other, has them handled and writes the replies in
// the same order.
//
// A request whose bytes are all there, whose handler does not wait and whose reply the kernel takes
// costs few coroutine frames: what need not wait is a plain function, tried before the one that
// can.
//
// Invariant: whatever the client does or fails to do, the connection waits for it only until a
// deadline, and holds only what HttpLimits allows. While it is idle it holds little more than its
// socket.
//
// Lifetime: a coroutine owns it from accept to close. Threads: its Loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/task.h"
#include "base/time.h"
#include "http/loop.h"
#include "http/read_buffer.h"
#include "http/request_reader.h"
#include "http/response.h"
#include "http/response_head.h"
#include "http/router.h"
#include "http/service.h"
#include "http/timer_wheel.h"
#include "http/transport.h"

namespace bellpull {

class Connection final : private TimerWheel::Entry, private IdleConnection, private BodySink {
 public:
  // `tls` is null for a plain connection.
  Connection(Service& service, Loop& loop, boost::asio::ip::tcp::socket socket,
             std::string remote_address, boost::asio::ssl::context* tls);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Returns when the connection is to be closed, and everything to be said has been said.
  Task<void> run();

 private:
  // What the connection waits for, hence what its deadline means.
  enum class Phase : std::uint8_t { handshake, idle, reading, handling, writing, draining };
  // What became of waiting for bytes, or of what they mean: `more` are needed.
  enum class Fill : std::uint8_t { data, more, refused, end, gone, timed_out, no_memory };
  // What admission came to; the reply to a refused request is ready.
  enum class Verdict : std::uint8_t { admitted, refused, cut };
  // What follows a request: the next one, or one of the ways to close.
  enum class Next : std::uint8_t { request, close, close_after_draining, cut };

  // connection.cpp: the life of the connection
  void begin_request();
  Task<void> finish(Next how);
  Task<void> drain();
  void expire(SteadyTime now) override;
  void close_idle() override;
  void enter(Phase phase, SteadyTime deadline);

  // connection_read.cpp
  Task<Fill> fill();
  void begin_idle();
  static Fill fill_of(RequestReader::State state);
  Fill try_head() { return fill_of(reader_.read_head()); }
  Task<Fill> read_rest_of_head();
  Fill try_body() { return fill_of(reader_.read_body()); }
  Task<Fill> read_rest_of_body();
  SteadyTime rate_deadline(std::size_t bytes, SteadyTime since) const;

  // connection_handle.cpp
  Task<Next> handle_request();
  Task<Next> answer_early();
  Task<Next> refuse(Fill why);
  bool route_request();
  std::optional<Verdict> admit(const Route& route);
  Task<Verdict> look_up_and_admit(const Route* route);
  Verdict take(Admission admission);
  void make_error(int status, std::string_view message);
  void fail_with(const std::exception_ptr& failure, std::string_view what);
  void log_failure(const std::exception_ptr& failure, std::string_view what);

  // connection_write.cpp
  Task<bool> send_response();
  bool send_at_once();
  Task<bool> send_rest();
  Task<bool> write(std::string_view bytes);
  Task<bool> write_rest(std::size_t sent, std::string_view body);
  Task<bool> send_stream();
  Task<bool> start_stream() override;
  Task<bool> write_stream(std::string_view bytes) override;
  bool replace_stream(Response response) override;
  bool is_gone() override;
  Task<bool> flush_stream();
  Task<bool> end_stream();
  void refuse_piece();
  void forget_reply();
  Persistence persistence() const;
  void observe();

  Service& service_;
  Loop& loop_;

  Transport transport_;
  ReadBuffer buffer_;
  RequestReader reader_;

  Phase phase_ = Phase::idle;
  bool is_first_ = true;     // no request has been read yet
  bool has_head_ = false;    // the current request's head is readable
  bool keep_alive_ = false;  // after the current reply
  bool timed_out_ = false;
  bool release_buffer_ = false;  // an idle wait was interrupted to give the buffer back
  bool gone_ = false;            // nothing can be written any more
  SteadyTime started_;           // of the current request
  SteadyTime idle_until_;

  Response response_;
  BudgetShare reply_share_;  // of a large reply, and of one that the kernel does not take at once
  std::string out_;  // what is being written: a piece of a stream, or what is left of a reply
  std::string_view unsent_body_;  // of the reply, after out_
  bool stream_started_ = false;   // the current request's reply is a stream, and on its way
  bool stream_replaced_ = false;
  std::size_t bytes_out_ = 0;
  SteadyTime write_started_;
};

}  // namespace bellpull
