// What a handler answers: a status with a body, or a stream that is written while it happens.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/task.h"
#include "http/header_lines.h"

namespace bellpull {

struct Response;

// Where BodyWriter sends; implemented by the connection.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Task<bool> start_stream() = 0;
  virtual Task<bool> write_stream(std::string_view bytes) = 0;
  virtual bool replace_stream(Response response) = 0;
  virtual bool is_gone() = 0;
};

// The writing end of a streamed reply. A handle: copy it freely, but not past the stream function.
class BodyWriter {
 public:
  explicit BodyWriter(BodySink& sink) : sink_(&sink) {}

  // Sends status and headers now, before there is a first byte. False: the client is gone.
  Task<bool> start() { return sink_->start_stream(); }
  // Sends `bytes` at once, buffering nothing; waits while the client is slow. False: the client is
  // gone, and so it stays.
  Task<bool> write(std::string_view bytes) { return sink_->write_stream(bytes); }
  // Whether the client has closed its side, as far as is known without writing to it: what is still
  // being made for it need not be.
  bool is_gone() { return sink_->is_gone(); }
  // Until something was sent: answers `response` instead of the stream. False when it is too late.
  bool replace(Response response);

 private:
  BodySink* sink_;
};

// Returns when the stream has ended well. Throwing before anything was sent gives the client a 500;
// throwing later cuts the connection, so that a half reply is never taken for a whole one.
using BodyStream = std::function<Task<void>(BodyWriter&)>;

struct Response {
  int status = 200;
  // A text that outlives the reply: a constant.
  std::string_view content_type = "application/json; charset=utf-8";
  // Never Content-Length, Transfer-Encoding, Connection or Date: those are the server's.
  HeaderLines headers;
  std::string body;
  BodyStream stream;  // when set, it is the body
  bool close = false;
};

inline bool BodyWriter::replace(Response response) {
  return sink_->replace_stream(std::move(response));
}

}  // namespace bellpull
