#include "http/message_parser.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/optional/optional.hpp>

#include "http/limits.h"
#include "http/method.h"
#include "http/request.h"
#include "http/text.h"

namespace bellpull {

namespace http = boost::beast::http;

namespace {

// A host and a port as RFC 3986 has them, loosely: nothing that could be read as two hosts.
bool is_host(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'z');
    return alphanumeric || std::string_view{"-._~:[]%!$&'()*+;="}.find(c) != std::string_view::npos;
  });
}

bool is_number(std::string_view value) {
  return !value.empty() && value.size() < 20 &&
         std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

MessageParser::MessageParser(const HttpLimits& limits, ParsedHead& head)
    : limits_(limits), head_(head) {
  head_.content_length = 0;
  // Both are ours: sizes are known before Beast sees the bytes.
  body_limit(std::numeric_limits<std::uint64_t>::max());
  header_limit(std::numeric_limits<std::uint32_t>::max());
}

void MessageParser::refuse(Failure& failure, int status, std::string_view message) {
  refusal_ = {status, message};
  failure = http::error::bad_field;
}

// Origin form "/path?query", absolute form "http://host/path?query", or "*".
bool MessageParser::split_target(std::string_view target) {
  head_.target = target;
  if (!target.starts_with('/') && target != "*") {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::string_view name = target.substr(0, scheme);
    if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) return false;
    target.remove_prefix(scheme + 3);
    const std::size_t path = std::min(target.find_first_of("/?"), target.size());
    authority_ = target.substr(0, path);
    target.remove_prefix(path);
    if (!is_host(authority_)) return false;
  }
  const std::size_t mark = target.find('?');
  head_.path = target.substr(0, mark);
  if (head_.path.empty()) head_.path = "/";
  head_.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  return target.find('#') == std::string_view::npos;
}

void MessageParser::on_request_impl(http::verb /*verb*/, Text method, Text target, int version,
                                    Failure& failure) {
  head_.method = bellpull::parse_method(method);
  head_.http_1_0 = version == 10;
  if (!split_target(target)) refuse(failure, 400, "The request target is not valid");
}

void MessageParser::on_response_impl(int /*status*/, Text /*reason*/, int /*version*/,
                                     Failure& /*failure*/) {}

void MessageParser::check_expectation(std::string_view value, Failure& failure) {
  if (head_.http_1_0) return;
  if (!equals_ignoring_case(value, "100-continue")) {
    refuse(failure, 417, "Expect must be 100-continue");
    return;
  }
  head_.expects_continue = true;
}

void MessageParser::check_field(http::field field, std::string_view value, Failure& failure) {
  switch (field) {
    case http::field::host:
      if (has_host_) {
        refuse(failure, 400, "Host is repeated");
      } else if (!is_host(value)) {
        refuse(failure, 400, "Host is not valid");
      } else if (!authority_.empty() && !equals_ignoring_case(authority_, value)) {
        refuse(failure, 400, "Host differs from the request target");
      }
      has_host_ = true;
      break;
    case http::field::content_length:
      if (has_length_) refuse(failure, 400, "Content-Length is repeated");
      if (!is_number(value)) refuse(failure, 400, "Content-Length is not a number");
      has_length_ = true;
      std::from_chars(value.data(), value.data() + value.size(), head_.content_length);
      break;
    case http::field::transfer_encoding:
      if (head_.http_1_0) refuse(failure, 400, "HTTP/1.0 has no Transfer-Encoding");
      if (value != "chunked") refuse(failure, 400, "Transfer-Encoding must be chunked");
      break;
    case http::field::expect:
      check_expectation(value, failure);
      break;
    default:
      break;
  }
}

void MessageParser::on_field_impl(http::field field, Text name, Text value, Failure& failure) {
  if (++fields_ > limits_.header_count) {
    refuse(failure, 431, "The request has too many header fields");
    return;
  }
  // Trailers come after everything has been decided: they are checked for form and dropped.
  if (in_body_) return;
  check_field(field, value, failure);
  head_.fields.push_back({name, value});
}

void MessageParser::on_header_impl(Failure& failure) {
  in_body_ = true;
  if (!has_host_ && !head_.http_1_0) {
    refuse(failure, 400, "Host is missing");
    return;
  }
  head_.keep_alive = keep_alive();
  head_.chunked = chunked();
}

void MessageParser::on_body_init_impl(const boost::optional<std::uint64_t>& /*size*/,
                                      Failure& /*failure*/) {}

// Bodies with a length never reach the parser: they need no decoding.
std::size_t MessageParser::on_body_impl(Text bytes, Failure& /*failure*/) { return bytes.size(); }

void MessageParser::on_chunk_header_impl(std::uint64_t size, Text extensions, Failure& failure) {
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > limits_.chunk_extension_bytes) {
    refuse(failure, 400, "The chunk extensions are too long");
  } else if (size > body_limit_ || body_size_ > body_limit_ - size) {
    refuse(failure, 413, "The body is too large");
  }
  chunk_left_ = size;
  has_read_chunk_ = true;
}

std::size_t MessageParser::on_chunk_body_impl(std::uint64_t /*left*/, Text bytes,
                                              Failure& /*failure*/) {
  std::memmove(destination_, bytes.data(), bytes.size());
  destination_ += bytes.size();
  body_size_ += bytes.size();
  chunk_left_ -= bytes.size();
  return bytes.size();
}

void MessageParser::on_finish_impl(Failure& /*failure*/) {}

}  // namespace bellpull
