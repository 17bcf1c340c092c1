// One mail handed to a relay that is ready for it: sender, recipients, the mail, and what is said.
#pragma once

#include <string>
#include <string_view>

#include "base/task.h"
#include "egress/smtp_call.h"

namespace bellpull {

class SmtpChannel;

// The channel outlives the task. A relay that breaks off before it has the end of the mail has not
// got it; one that does so between the end and its answer may have: `unknown`.
Task<SmtpOutcome> hand_over(SmtpChannel& channel,  // NOLINT(*-reference-coroutine-parameters)
                            SmtpCall call);

// A mail as it travels: a line that begins with a dot has another one before it, and the end is a
// line end. Bare CR and LF, which relays read in different ways, become CRLF.
std::string dot_stuffed(std::string_view message);

}  // namespace bellpull
