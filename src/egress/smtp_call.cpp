#include "egress/smtp_call.h"

#include <string_view>

namespace bellpull {

std::string_view to_string(SmtpEnd end) {
  switch (end) {
    case SmtpEnd::accepted:
      return "accepted";
    case SmtpEnd::refused:
      return "refused";
    case SmtpEnd::put_off:
      return "put_off";
    case SmtpEnd::not_reached:
      return "not_reached";
    case SmtpEnd::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(SmtpCause cause) {
  switch (cause) {
    case SmtpCause::none:
      return "none";
    case SmtpCause::bad_call:
      return "bad_call";
    case SmtpCause::guard:
      return "guard";
    case SmtpCause::dns:
      return "dns";
    case SmtpCause::connect:
      return "connect";
    case SmtpCause::tls:
      return "tls";
    case SmtpCause::login:
      return "login";
    case SmtpCause::timeout:
      return "timeout";
    case SmtpCause::canceled:
      return "canceled";
    case SmtpCause::connection_lost:
      return "connection_lost";
  }
  return "none";
}

}  // namespace bellpull
