// A request as its handler sees it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/method.h"

namespace bellpull {

struct Route;

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

// The route of a request and the values of its path parameters.
struct RouteMatch {
  static constexpr std::size_t max_parameters = 8;

  const Route* route = nullptr;
  const std::vector<std::string>* names = nullptr;
  std::array<std::string_view, max_parameters> values{};
  std::string_view pattern;  // of the path, also when none of its routes has the method
  std::string_view allow;    // the methods of the path, for a 405
  std::string decoded;       // holds the values that had an escape in them
};

// One parsed request head, with the text its views point into; reused for the next request.
struct ParsedHead {
  std::string text;
  std::vector<HeaderField> fields;
  Method method = Method::other;
  std::string_view target;
  std::string_view path;
  std::string_view query;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool chunked = false;
  bool expects_continue = false;
  std::uint64_t content_length = 0;
  RouteMatch match;
  std::shared_ptr<const void> grant;

  // The connection's:
  std::string remote_address;
  bool secure = false;
};

// What is known of a request before its body has been read. A handle of one pointer: copy it
// freely, so coroutines can take it by value. It and its views are valid until the handler's Task
// completes.
class RequestHead {
 public:
  explicit RequestHead(const ParsedHead& head) : head_(&head) {}

  Method method() const { return head_->method; }
  // As sent: path and query, not decoded.
  std::string_view target() const { return head_->target; }
  std::string_view path() const { return head_->path; }
  std::string_view query() const { return head_->query; }

  // The first field of that name in any case, "" when there is none.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  std::span<const HeaderField> headers() const { return head_->fields; }
  template <class F>
  void for_each_header(F&& visit) const {
    for (const HeaderField& field : head_->fields) visit(field.name, field.value);
  }

  // A path parameter of the route, percent-decoded once; "" when there is no such parameter.
  std::string_view parameter(std::size_t index) const;
  std::string_view parameter(std::string_view name) const;
  // Null when no route matched.
  const Route* route() const { return head_->match.route; }

  // What the route's admission left for its handler; may be null.
  const std::shared_ptr<const void>& grant() const { return head_->grant; }

  // The body that is announced: its size, 0 when it is chunked or absent.
  std::uint64_t content_length() const { return head_->content_length; }
  // The methods of the path, where it was none of them; "GET, HEAD".
  std::string_view allow() const { return head_->match.allow; }
  const std::string& remote_address() const { return head_->remote_address; }
  // True when the connection is TLS.
  bool secure() const { return head_->secure; }

 private:
  const ParsedHead* head_;
};

struct Request : RequestHead {
  Request(const ParsedHead& head, std::string_view whole_body)
      : RequestHead(head), body(whole_body) {}

  std::string_view body;
};

}  // namespace bellpull
