// The mail.* settings as the mail module has them.
#pragma once

#include <optional>

#include "app/settings.h"
#include "base/result.h"
#include "mail/mailer.h"

namespace bellpull {

// Nothing when no relay is declared. Fails with `invalid`, naming the setting: what is wrong in it,
// or that another one is missing.
Result<std::optional<MailSettings>> mail_settings(const Settings& settings);

}  // namespace bellpull
