// A notification as the receivers of incoming webhooks want it.
//
// The text is posted as it is. Only what a format's own documentation says would change its meaning
// is neutralised: "&", "<" and ">" for Slack, whose "<!channel>" calls everybody, and mentions for
// Discord.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace bellpull {

enum class NotifyFormat : std::uint8_t { generic, slack, discord, teams };

// "slack"; nothing for a name that is none of the four.
std::optional<NotifyFormat> parse_notify_format(std::string_view name);
std::string_view to_string(NotifyFormat format);
// The format of who is known to be at that host; else generic.
NotifyFormat notify_format_of(std::string_view host);

// The request's JSON body. Fails with `invalid` when the text is empty or longer than the format
// takes, rather than cut it.
Result<std::string> notify_body(NotifyFormat format, std::string_view text, TimePoint now);

}  // namespace bellpull
