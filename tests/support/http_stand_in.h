// A scripted HTTP/1.1 server on 127.0.0.1, for tests of what talks to one.
//
// The script answers each request; everything that came in is kept for the test to look at. It runs
// on a thread of its own, so that it never depends on the executor under test.
//
// Threads: the script runs on the server's thread; the rest may be called from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellpull {

struct StandInRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The value of the first such header, in any case of its name; empty when there is none.
  std::string_view header(std::string_view name) const;
};

enum class StandInEnd : std::uint8_t {
  keep,         // answer and wait for the next request
  close,        // answer and close
  drop,         // close without an answer
  break_off,    // close after half of the body
  hang,         // never answer
  hang_in_body  // send half of the body, then nothing more
};

struct StandInReply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  StandInEnd end = StandInEnd::keep;
  std::string raw = {};  // when given, sent as it stands in place of all of the above
};

class HttpStandIn {
 public:
  using Script = std::function<StandInReply(const StandInRequest&)>;
  // With `tls`, a certificate for 127.0.0.1 that no system trusts; see certificate().
  enum class Transport : std::uint8_t { plain, tls };

  explicit HttpStandIn(Script script, Transport transport = Transport::plain);
  ~HttpStandIn();
  HttpStandIn(const HttpStandIn&) = delete;
  HttpStandIn& operator=(const HttpStandIn&) = delete;

  std::uint16_t port() const;
  std::string url(std::string_view target = "/") const;
  std::vector<StandInRequest> requests() const;
  std::size_t accepted() const;  // connections so far
  // Blocks until the other side has closed that many connections; false after 10 s.
  bool wait_for_closed(std::size_t connections) const;
  // Blocks until that many requests have arrived; false after 10 s.
  bool wait_for_requests(std::size_t count) const;
  std::string certificate() const;  // PEM

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace bellpull
