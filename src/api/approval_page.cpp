#include "api/approval_page.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/approvals.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"
#include "domain/approval.h"
#include "http/response.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A question scrolls in its own frame: however long it is, the buttons stay where they are.
constexpr std::string_view style =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:1rem}"
    "main{max-width:40rem;margin:0 auto}h1{font-size:1.25rem}"
    "blockquote,pre{border:1px solid #888;border-radius:.5rem;margin:1rem 0;padding:.75rem;"
    "max-height:40vh;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;"
    "unicode-bidi:isolate}"
    "pre{font-size:.875rem}textarea{box-sizing:border-box;display:block;width:100%;font:inherit}"
    "button{font:inherit;padding:.5rem 1.5rem;margin:1rem 1rem 0 0}";

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      case '\0':
        safe += "\uFFFD";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string plain(const json::value& value) {
  return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

// A map as lines of "name: value".
std::string details_text(std::string_view details) {
  const auto parsed = parse_foreign(details);
  if (!parsed) return std::string{details};
  const json::object* const map = parsed->if_object();
  if (map == nullptr) return plain(*parsed);
  std::string lines;
  for (const auto& member : *map) {
    lines += fmt::format("{}: {}\n", std::string_view{member.key()}, plain(member.value()));
  }
  return lines;
}

Response html(int status, std::string_view title, std::string_view body) {
  static const std::string policy = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; "
      "frame-ancestors 'none'",
      to_base64({reinterpret_cast<const char*>(digest_of(style).data()), Digest{}.size()}));
  Response response{.status = status, .content_type = "text/html; charset=utf-8"};
  response.headers.add("cache-control", "no-store");
  response.headers.add("content-security-policy", policy);
  response.headers.add("referrer-policy", "no-referrer");
  response.headers.add("x-content-type-options", "nosniff");
  response.headers.add("x-frame-options", "DENY");
  response.body = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><title>{0}</title><style>{1}</style></head>\n"
      "<body><main><h1>{0}</h1>\n{2}</main></body></html>\n",
      title, style, body);
  return response;
}

std::string form(const ApprovalPage& page) {
  return fmt::format(
      "<form method=\"post\"><label>Note, if you like"
      "<textarea name=\"note\" rows=\"3\" maxlength=\"{}\">\n{}</textarea></label>\n"
      "<button name=\"approve\" value=\"true\">Approve</button>"
      "<button name=\"approve\" value=\"false\">Refuse</button></form>\n"
      "<p>It can be decided until {}.</p>\n",
      max_note_characters, escaped(page.note), to_iso(page.approval.expires_at));
}

std::string_view title_of(ApprovalState state) {
  switch (state) {
    case ApprovalState::pending:
      return "A bot asks for approval";
    case ApprovalState::approved:
      return "Approved";
    case ApprovalState::refused:
      return "Refused";
    case ApprovalState::expired:
      return "Nobody decided in time";
    case ApprovalState::voided:
      break;
  }
  return "The run that asked has ended";
}

}  // namespace

Response approval_page(int status, const ApprovalPage& page) {
  const Approval& approval = page.approval;
  const ApprovalState state = state_at(approval, page.now);
  std::string body;
  if (!page.problem.empty()) {
    body += fmt::format("<p role=\"alert\"><strong>{}</strong></p>\n", escaped(page.problem));
  }
  body += fmt::format("<p>Trigger: <bdi>{}</bdi></p>\n<blockquote dir=\"auto\">{}</blockquote>\n",
                      escaped(page.trigger_name), escaped(approval.question));
  if (approval.details) {
    body += fmt::format("<pre dir=\"auto\">\n{}</pre>\n", escaped(details_text(*approval.details)));
  }
  if (state == ApprovalState::pending) body += form(page);
  if (approval.decided_at) {
    body += fmt::format("<p>Decided at {}.</p>\n", to_iso(*approval.decided_at));
  }
  return html(status, title_of(state), body);
}

Response message_page(int status, std::string_view title, std::string_view text) {
  return html(status, escaped(title), fmt::format("<p>{}</p>\n", escaped(text)));
}

}  // namespace bellpull
