// One e-mail as a caller has it, and what must be true of it before it is sent.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/mail_address.h"

namespace bellpull {

struct Mail {
  std::string from_name;  // beside the operator's address; empty: the operator's name
  // Addresses, each text one or several separated by commas.
  std::vector<std::string> to;
  std::vector<std::string> cc;
  std::vector<std::string> bcc;
  std::string reply_to;  // empty: none
  std::string subject;
  std::string text;  // Markdown; "content" to who writes it
};

// What the operator allows.
struct MailRules {
  MailAddress from;
  // Whom mails may go to: "example.com", or ".example.com" for every domain below it; empty: all.
  std::vector<std::string> domains;
  std::size_t max_recipients = 20;
};

struct CheckedMail {
  MailAddress from;
  std::vector<MailAddress> to;
  std::vector<MailAddress> cc;
  std::vector<MailAddress> reply_to;
  std::string subject;
  std::string text;
  std::vector<std::string> recipients;  // of all three lists, each once
};

// Fails with `invalid`, telling every problem.
Result<CheckedMail> check_mail(const Mail& mail, const MailRules& rules);

}  // namespace bellpull
