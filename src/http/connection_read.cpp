// How a connection waits for its client's bytes.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/limits.h"
#include "http/request_reader.h"

namespace bellpull {

namespace asio = boost::asio;

Task<Connection::Fill> Connection::fill() {
  while (true) {
    const std::span<char> space = buffer_.space();
    if (space.empty()) co_return Fill::no_memory;
    boost::system::error_code failure;
    const std::size_t count = co_await transport_.read_some(space, failure);
    if (timed_out_) co_return Fill::timed_out;
    if (!failure) {
      release_buffer_ = false;
      buffer_.commit(count);
      co_return Fill::data;
    }
    if (failure == asio::error::operation_aborted && release_buffer_) {
      release_buffer_ = false;
      reader_.release();
      out_ = {};
      response_.body = {};
      response_.headers = {};
      const boost::system::error_code lost = co_await transport_.wait_readable();
      if (timed_out_) co_return Fill::timed_out;
      if (lost) co_return Fill::gone;
      continue;
    }
    const bool ended = failure == asio::error::eof || failure == asio::ssl::error::stream_truncated;
    co_return ended ? Fill::end : Fill::gone;
  }
}

void Connection::begin_idle() {
  const HttpLimits& limits = service_.limits;
  const SteadyTime now = loop_.now();
  idle_until_ = now + (is_first_ ? limits.header_time : limits.idle_time);
  enter(Phase::idle, std::min(idle_until_, now + limits.idle_buffer_time));
  loop_.idle.push_back(*this);
}

// What the bytes that are here make of the head, or of the body.
Connection::Fill Connection::fill_of(RequestReader::State state) {
  switch (state) {
    case RequestReader::State::complete:
      return Fill::data;
    case RequestReader::State::refused:
      return Fill::refused;
    case RequestReader::State::incomplete:
      break;
  }
  return Fill::more;
}

Task<Connection::Fill> Connection::read_rest_of_head() {
  while (true) {
    enter(Phase::reading, started_ + service_.limits.header_time);
    const Fill got = co_await fill();
    if (got != Fill::data) co_return got;
    const Fill head = try_head();
    if (head != Fill::more) co_return head;
  }
}

// The moment by which `bytes` bytes and one more must have passed to be fast enough.
SteadyTime Connection::rate_deadline(std::size_t bytes, SteadyTime since) const {
  const HttpLimits& limits = service_.limits;
  const Duration earned{static_cast<Duration::rep>(bytes * 1000 / limits.minimum_rate)};
  const Duration total = stream_started_ ? limits.stream_time : limits.total_time;
  return std::min(since + limits.rate_grace + earned, started_ + total);
}

Task<Connection::Fill> Connection::read_rest_of_body() {
  const SteadyTime since = loop_.now();
  while (true) {
    enter(Phase::reading, rate_deadline(reader_.body_received(), since));
    const Fill got = co_await fill();
    if (got != Fill::data) co_return got;
    const Fill body = try_body();
    if (body != Fill::more) co_return body;
  }
}

}  // namespace bellpull
