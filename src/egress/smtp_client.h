// The one door for mail out of the server: the relay that the operator declared, and no other.
//
// A mail goes to all of its recipients or to none: when the relay refuses one of them, the mail is
// not sent and every refusal is told. Each mail has a connection of its own.
//
// Lifetime: outlives every call. Threads: the executor's only.
#pragma once

#include <cstddef>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/destinations.h"
#include "egress/redaction.h"
#include "egress/resolver.h"
#include "egress/smtp_call.h"
#include "egress/transfer_loop.h"
#include "egress/waiting_line.h"

namespace bellpull {

class SmtpChannel;

class SmtpClient {
 public:
  SmtpClient(const boost::asio::any_io_executor& executor, SmtpRelay relay, Resolver& resolver,
             const Clock& clock);

  // Cancelling the task, or the deadline, closes the connection.
  Task<SmtpOutcome> send(SmtpCall call);

 private:
  Task<SmtpOutcome> send_by(SmtpCall call, Duration time_left);
  Duration time_left(const SmtpCall& call) const;

  // Constant after construction:
  const boost::asio::any_io_executor executor_;
  const SmtpRelay relay_;
  const Redactor redact_;
  const Clock& clock_;

  // The executor's:
  Destinations destinations_;
  WaitingLine connections_;
  TransferLoop loop_;
};

}  // namespace bellpull
