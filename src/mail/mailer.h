// Sends mails through the operator's relay.
//
// Lifetime: outlives every call. Threads: the executor's only.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/resolver.h"
#include "egress/smtp_call.h"
#include "egress/smtp_client.h"
#include "mail/mail.h"

namespace bellpull {

struct MailSettings {
  SmtpRelay relay;
  MailRules rules;
  Duration timeout = std::chrono::seconds{60};  // of one mail, from beginning to end
};

struct MailReceipt {
  SmtpOutcome outcome;
  std::string message_id;
  std::vector<std::string> recipients;
};

class Mailer {
 public:
  // Without settings there is no relay, and every mail is refused.
  Mailer(const boost::asio::any_io_executor& executor, std::optional<MailSettings> settings,
         Resolver& resolver, const Clock& clock);

  // `key` says that two calls mean the same mail: it gives the Message-ID. Fails with `invalid`
  // when the mail breaks a rule, with `conflict` when the operator declared no relay; whatever the
  // relay does is a receipt. Cancelling the task closes the connection.
  Task<Result<MailReceipt>> send(Mail mail, std::string key, SteadyTime deadline);

 private:
  const std::optional<MailSettings> settings_;
  const Clock& clock_;
  const std::unique_ptr<SmtpClient> client_;  // nothing without settings
};

}  // namespace bellpull
