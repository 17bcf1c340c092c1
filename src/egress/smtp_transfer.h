// The way to a mail relay as a curl handle: connection, greeting, STARTTLS and login.
//
// curl would send the mail as well, but waits for the relay's answer to it without giving the
// thread back (a known limit of its multi interface), and a relay that examines mail
// takes its time. So curl opens the conversation only (CURLOPT_CONNECT_ONLY), and SmtpChannel goes
// on with it.
//
// Lifetime: the handle borrows the members, so a transfer never moves; the relay outlives it.
// Threads: one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "base/time.h"
#include "egress/guarded_handle.h"
#include "egress/ip_address.h"
#include "egress/redaction.h"
#include "egress/smtp_call.h"

namespace bellpull {

class SmtpTransfer {
 public:
  SmtpTransfer(const SmtpRelay& relay, std::vector<IpAddress> addresses, Duration time_left);
  SmtpTransfer(const SmtpTransfer&) = delete;
  SmtpTransfer& operator=(const SmtpTransfer&) = delete;

  CURL* handle() const { return handle_.get(); }
  // Why the relay is not ready for a mail; nothing when it is.
  std::optional<SmtpOutcome> failure(CURLcode result) const;

 private:
  static std::size_t on_line(char* data, std::size_t size, std::size_t count, void* self);
  SmtpOutcome failed(SmtpCause cause, std::string_view what) const;

  const SmtpRelay& relay_;
  const Redactor redact_;
  std::string last_line_;
  bool offers_login_ = false;
  GuardedHandle handle_;  // last: it borrows the rest
};

// What must not be read in a text from this relay: the password in the forms that a login has.
Redactor redactor_for(const SmtpRelay& relay);

}  // namespace bellpull
