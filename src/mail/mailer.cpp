#include "mail/mailer.h"

#include <algorithm>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/resolver.h"
#include "egress/smtp_call.h"
#include "egress/smtp_client.h"
#include "mail/mail.h"
#include "mail/message.h"

namespace bellpull {

Mailer::Mailer(const boost::asio::any_io_executor& executor, std::optional<MailSettings> settings,
               Resolver& resolver, const Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      client_(settings_ ? std::make_unique<SmtpClient>(executor, settings_->relay, resolver, clock)
                        : nullptr) {}

Task<Result<MailReceipt>> Mailer::send(Mail mail, std::string key, SteadyTime deadline) {
  if (!settings_) {
    co_return fail(ErrorCode::conflict, "This server has no mail relay",
                   "its operator declares one with mail.relay and mail.from");
  }
  auto checked = check_mail(mail, settings_->rules);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  MailReceipt receipt{.message_id = message_id(key, checked->from),
                      .recipients = checked->recipients};
  SmtpCall call{.from = checked->from.address,
                .recipients = std::move(checked->recipients),
                .message = compose(*checked, receipt.message_id, clock_.now()),
                .deadline = std::min(deadline, clock_.steady_now() + settings_->timeout)};
  receipt.outcome = co_await client_->send(std::move(call));
  co_return receipt;
}

}  // namespace bellpull
