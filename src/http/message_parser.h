// Beast's HTTP/1 parser with the rules it leaves to its user. It is given one whole head, and after
// it, for a chunked body, whole chunk lines: RequestReader sees to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/optional/optional.hpp>

#include "http/limits.h"
#include "http/request.h"

namespace bellpull {

// Why a request is not served.
struct Refusal {
  int status = 400;
  std::string_view message = "The request is not valid HTTP/1.1";
};

class MessageParser final : public boost::beast::http::basic_parser<true> {
 public:
  // Fills in `head`, whose text it is given.
  MessageParser(const HttpLimits& limits, ParsedHead& head);

  // After an error of put().
  const Refusal& refusal() const { return refusal_; }

  // Decoded bytes of the body go here, piece after piece. They lie behind it in the same memory, so
  // that they can always be moved down.
  void decode_into(char* destination) { destination_ = destination; }
  // A larger body is refused with 413.
  void limit_body(std::uint64_t bytes) { body_limit_ = bytes; }
  std::size_t body_size() const { return body_size_; }
  // What is left of the chunk whose line was read last.
  std::uint64_t chunk_left() const { return chunk_left_; }
  bool has_read_chunk() const { return has_read_chunk_; }

 private:
  using Text = boost::beast::string_view;
  using Failure = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       Failure& failure) override;
  void on_response_impl(int status, Text reason, int version, Failure& failure) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value,
                     Failure& failure) override;
  void on_header_impl(Failure& failure) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, Failure& failure) override;
  std::size_t on_body_impl(Text bytes, Failure& failure) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Failure& failure) override;
  std::size_t on_chunk_body_impl(std::uint64_t left, Text bytes, Failure& failure) override;
  void on_finish_impl(Failure& failure) override;

  void check_field(boost::beast::http::field field, std::string_view value, Failure& failure);
  void check_expectation(std::string_view value, Failure& failure);
  bool split_target(std::string_view target);
  void refuse(Failure& failure, int status, std::string_view message);

  const HttpLimits& limits_;
  ParsedHead& head_;

  Refusal refusal_;
  bool in_body_ = false;
  bool has_host_ = false;
  bool has_length_ = false;
  std::string_view authority_;  // of a target in absolute form
  std::size_t fields_ = 0;
  std::size_t extension_bytes_ = 0;
  char* destination_ = nullptr;
  std::uint64_t body_limit_ = 0;
  std::size_t body_size_ = 0;
  std::uint64_t chunk_left_ = 0;
  bool has_read_chunk_ = false;
};

}  // namespace bellpull
