#include "http/request_reader.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>

#include "http/head_scan.h"
#include "http/message_parser.h"
#include "http/request.h"

namespace bellpull {
namespace {

// What no method starts with: a TLS greeting on a plain port is answered at once.
bool can_start_request(char c) { return c == '\r' || (c > ' ' && c < 0x7f); }

}  // namespace

// There is one from the head to next(), which is when it is asked for.
MessageParser& RequestReader::parser() {
  assert(parser_.has_value());
  return *parser_;
}

const MessageParser& RequestReader::parser() const {
  assert(parser_.has_value());
  return *parser_;
}

RequestReader::State RequestReader::refuse(int status, std::string_view message) {
  refusal_ = {status, message};
  return State::refused;
}

RequestReader::State RequestReader::read_head() {
  std::string_view bytes = buffer_.bytes();
  if (bytes.empty()) return State::incomplete;
  if (!can_start_request(bytes.front())) return refuse(400, "This is not an HTTP request");
  // Some clients end a body with one line break too many; RFC 9112 2.2 asks to forgive them.
  if (!after_blank_line_ && bytes.front() == '\r') {
    if (bytes.size() == 1) return State::incomplete;
    if (bytes[1] != '\n') return refuse(400, "This is not an HTTP request");
    after_blank_line_ = true;
    buffer_.consume(2);
    return read_head();
  }
  const HeadScan::State scanned = scan_.advance(bytes);
  // First, so that it makes no difference whether what is wrong behind a limit has arrived already.
  if (scan_.size() > limits_.header_bytes) return refuse(431, "The header is too large");
  if (scan_.fields() > limits_.header_count) {
    return refuse(431, "The request has too many header fields");
  }
  switch (scanned) {
    case HeadScan::State::bad_line_ending:
      return refuse(400, "A header line does not end in CR LF");
    case HeadScan::State::folded_line:
      return refuse(400, "A header line is folded");
    case HeadScan::State::incomplete:
      return State::incomplete;
    case HeadScan::State::complete:
      break;
  }
  return parse_head();
}

RequestReader::State RequestReader::parse_head() {
  head_.text.assign(buffer_.bytes().substr(0, scan_.size()));
  buffer_.consume(scan_.size());
  parser_.emplace(limits_, head_);
  boost::beast::error_code failure;
  const std::size_t used = parser().put(boost::asio::buffer(head_.text), failure);
  if (failure) {
    refusal_ = parser().refusal();
    return State::refused;
  }
  if (used != head_.text.size() || !parser().is_header_done()) {
    return refuse(400, Refusal{}.message);
  }
  return State::complete;
}

void RequestReader::limit_body(std::uint64_t bytes) {
  body_limit_ = bytes;
  parser().limit_body(bytes);
}

RequestReader::State RequestReader::read_body() {
  if (head_.chunked) return read_chunks();
  if (head_.content_length > body_limit_) return refuse(413, "The body is too large");
  const auto size = static_cast<std::size_t>(head_.content_length);
  if (buffer_.bytes().size() < size) return State::incomplete;
  body_size_ = size;
  return State::complete;
}

// Beast waits for the end of a chunk line without a limit, and asserts that the last chunk of an
// empty body does not arrive byte by byte; so it only ever gets whole lines, and the last chunk
// with all of its trailers.
std::optional<Refusal> RequestReader::check_chunk_line(std::string_view bytes, bool& whole) const {
  whole = false;
  // The line break after a chunk's data belongs, for Beast, to the next line.
  const std::size_t start = parser().has_read_chunk() ? 2 : 0;
  const std::size_t feed = bytes.find('\n', start);
  const std::size_t size = std::min(feed, bytes.size());
  if (size > start + limits_.chunk_line_bytes) return Refusal{400, "A chunk line is too long"};
  if (feed == std::string_view::npos) return std::nullopt;
  const std::string_view line = bytes.substr(start, feed - start);
  const std::size_t zeros = std::min(line.find_first_not_of('0'), line.size());
  const bool is_last = zeros > 0 && line.find_first_of("123456789abcdefABCDEF", zeros) != zeros;
  if (!is_last) {
    whole = true;
    return std::nullopt;
  }
  const std::string_view trailers = bytes.substr(feed + 1);
  HeadScan scan;
  const HeadScan::State state = scan.advance(trailers);
  if (scan.size() > limits_.header_bytes) {
    return Refusal{431, "The trailers are too large"};
  }
  if (state == HeadScan::State::bad_line_ending || state == HeadScan::State::folded_line) {
    return Refusal{400, "A trailer line is not valid"};
  }
  whole = state == HeadScan::State::complete;
  return std::nullopt;
}

RequestReader::State RequestReader::read_chunks() {
  while (!parser().is_done()) {
    const std::string_view bytes = buffer_.bytes().substr(chunks_parsed_);
    if (bytes.empty()) break;
    if (parser().chunk_left() == 0) {
      bool whole = false;
      const std::optional<Refusal> refusal = check_chunk_line(bytes, whole);
      if (refusal) return refuse(refusal->status, refusal->message);
      if (!whole) break;
    }
    parser().decode_into(buffer_.data() + parser().body_size());
    boost::beast::error_code failure;
    const std::size_t used = parser().put(boost::asio::buffer(bytes), failure);
    if (failure || used == 0) {
      refusal_ = parser().refusal();
      return State::refused;
    }
    chunks_parsed_ += used;
    chunks_received_ += used;
  }
  body_size_ = parser().body_size();
  // The overhead of the chunks makes room for what is still to come.
  buffer_.erase(body_size_, chunks_parsed_);
  chunks_parsed_ = body_size_;
  return parser().is_done() ? State::complete : State::incomplete;
}

std::size_t RequestReader::body_received() const {
  return head_.chunked ? chunks_received_ : buffer_.bytes().size();
}

void RequestReader::next() {
  buffer_.consume(body_size_);
  parser_.reset();
  scan_.reset();
  head_.fields.clear();
  head_.expects_continue = false;
  head_.match.route = nullptr;
  head_.match.names = nullptr;
  head_.grant.reset();
  after_blank_line_ = false;
  body_limit_ = 0;
  body_size_ = 0;
  chunks_parsed_ = 0;
  chunks_received_ = 0;
}

void RequestReader::release() {
  buffer_.release();
  if (!buffer_.bytes().empty()) return;
  head_.text = {};
  head_.fields = {};
  head_.match.decoded = {};
}

}  // namespace bellpull
