// Puts the requests of one connection together from its bytes, one after the other; pipelined bytes
// wait for their turn. It does no I/O, and how the bytes were cut into pieces makes no difference.
//
// Order of calls: read_head() until it is complete, then limit_body() and read_body() until that is
// complete, then next(). After `refused` the connection can only be closed.
// Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/head_scan.h"
#include "http/limits.h"
#include "http/message_parser.h"
#include "http/read_buffer.h"
#include "http/request.h"

namespace bellpull {

class RequestReader {
 public:
  enum class State : std::uint8_t { incomplete, complete, refused };

  RequestReader(const HttpLimits& limits, ReadBuffer& buffer) : limits_(limits), buffer_(buffer) {}

  State read_head();
  // The head takes its bytes out of the buffer; its views stay valid until next().
  ParsedHead& head() { return head_; }
  const ParsedHead& head() const { return head_; }

  // `bytes` may be exceeded by nobody: 413.
  void limit_body(std::uint64_t bytes);
  State read_body();
  // Valid until the buffer changes.
  std::string_view body() const { return buffer_.bytes().substr(0, body_size_); }
  // Body bytes that have arrived, to judge the client's speed by.
  std::size_t body_received() const;

  const Refusal& refusal() const { return refusal_; }

  // Drops the request that was read.
  void next();
  // An idle connection keeps nothing.
  void release();

 private:
  MessageParser& parser();
  const MessageParser& parser() const;
  State refuse(int status, std::string_view message);
  State parse_head();
  State read_chunks();
  std::optional<Refusal> check_chunk_line(std::string_view bytes, bool& whole) const;

  const HttpLimits& limits_;
  ReadBuffer& buffer_;

  HeadScan scan_;
  ParsedHead head_;
  std::optional<MessageParser> parser_;
  Refusal refusal_;
  bool after_blank_line_ = false;
  std::uint64_t body_limit_ = 0;
  std::size_t body_size_ = 0;      // of the decoded body, at the start of the buffer
  std::size_t chunks_parsed_ = 0;  // bytes of the buffer that are decoded, dropped or body
  std::size_t chunks_received_ = 0;
};

}  // namespace bellpull
