// One mail that leaves through the operator's relay, and what can come of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "egress/url.h"

namespace bellpull {

// Whether smtp:// changes to TLS by STARTTLS. smtps:// is TLS from its first byte.
enum class StartTls : std::uint8_t { never, when_offered, required };

struct SmtpRelay {
  Url url;  // of parse_relay_url; its path is the name to greet with, empty: the machine's
  StartTls start_tls = StartTls::when_offered;
  std::string user;  // empty: no login
  std::string password;
  std::string ca_file;  // PEM; empty: the system's
};

struct SmtpCall {
  std::string from;  // addresses as they stand between "<" and ">"
  std::vector<std::string> recipients;
  std::string message;  // head and body, whose lines end in CRLF
  SteadyTime deadline;
};

// The relay either takes the mail for every recipient or gets none of it.
enum class SmtpEnd : std::uint8_t {
  accepted,
  refused,      // for good: the same mail would be refused again
  put_off,      // for now: the relay said to try again
  not_reached,  // the relay never had the mail; see the cause
  unknown       // it had the whole mail and did not say what became of it
};

enum class SmtpCause : std::uint8_t {
  none,
  bad_call,  // an address that would be a command of its own
  guard,
  dns,
  connect,
  tls,
  login,
  timeout,
  canceled,
  connection_lost
};

// "not_reached", "connection_lost".
std::string_view to_string(SmtpEnd end);
std::string_view to_string(SmtpCause cause);

struct SmtpRefusal {
  std::string recipient;  // empty: the sender or the mail as a whole
  unsigned code = 0;      // 550
  std::string text;       // the relay's words
};

struct SmtpOutcome {
  SmtpEnd end = SmtpEnd::not_reached;
  SmtpCause cause = SmtpCause::none;  // unless the relay decided
  // The relay's last words, or what went wrong. For people and models; never holds the password.
  std::string text;
  std::vector<SmtpRefusal> refusals;
};

}  // namespace bellpull
