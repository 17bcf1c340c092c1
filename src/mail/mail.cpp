#include "mail/mail.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/result.h"
#include "mail/mail_address.h"

namespace bellpull {

namespace {

constexpr std::size_t max_subject_bytes = 1000;
constexpr std::size_t max_text_bytes = 512 * std::size_t{1024};

using Problems = std::vector<std::string>;

bool is_allowed(const MailAddress& address, const std::vector<std::string>& domains) {
  return domains.empty() || std::ranges::any_of(domains, [&](const std::string& allowed) {
           return allowed.starts_with('.') ? address.domain().ends_with(allowed)
                                           : address.domain() == allowed;
         });
}

std::vector<MailAddress> read_addresses(std::string_view field,
                                        const std::vector<std::string>& texts, Problems& problems) {
  std::vector<MailAddress> addresses;
  for (const std::string& text : texts) {
    for (const std::string& one : split_addresses(text)) {
      auto address = parse_mail_address(one);
      if (address) {
        addresses.push_back(std::move(*address));
      } else {
        problems.push_back(fmt::format("{}: {}", field, address.error().message));
      }
    }
  }
  return addresses;
}

void add_recipients(const std::vector<MailAddress>& addresses, const MailRules& rules,
                    std::vector<std::string>& recipients, Problems& problems) {
  for (const MailAddress& one : addresses) {
    if (std::ranges::find(recipients, one.address) != recipients.end()) continue;
    recipients.push_back(one.address);
    if (is_allowed(one, rules.domains)) continue;
    problems.push_back(fmt::format("{} is in no domain that this server may write to ({})",
                                   one.address, fmt::join(rules.domains, ", ")));
  }
}

void check_subject(const std::string& subject, Problems& problems) {
  if (subject.find_first_not_of(' ') == std::string::npos)
    problems.emplace_back("subject is missing");
  if (subject.size() > max_subject_bytes) {
    problems.push_back(fmt::format("subject is longer than {} bytes", max_subject_bytes));
  }
  if (!is_utf8(subject)) problems.emplace_back("subject is not UTF-8");
  if (has_control_character(subject)) {
    problems.emplace_back(
        "subject holds a line break or a control character: write it in one line");
  }
}

void check_text(const std::string& text, Problems& problems) {
  if (text.empty()) problems.emplace_back("content is missing");
  if (text.size() > max_text_bytes) {
    problems.push_back(fmt::format("content is longer than {} bytes", max_text_bytes));
  }
  if (!is_utf8(text)) problems.emplace_back("content is not UTF-8");
  const bool has_control = std::ranges::any_of(
      text, [](char c) { return c >= 0 && c < 0x20 && c != '\n' && c != '\r' && c != '\t'; });
  if (has_control) problems.emplace_back("content holds a control character");
}

}  // namespace

Result<CheckedMail> check_mail(const Mail& mail, const MailRules& rules) {
  Problems problems;
  CheckedMail checked{.from = rules.from, .subject = mail.subject, .text = mail.text};
  if (!mail.from_name.empty()) checked.from.name = mail.from_name;
  if (has_control_character(mail.from_name) || !is_utf8(mail.from_name) ||
      mail.from_name.size() > 200) {
    problems.emplace_back("from: the name must be one line of UTF-8 text of at most 200 bytes");
  }
  checked.to = read_addresses("to", mail.to, problems);
  checked.cc = read_addresses("cc", mail.cc, problems);
  const auto bcc = read_addresses("bcc", mail.bcc, problems);
  checked.reply_to = read_addresses("replyTo", {mail.reply_to}, problems);
  for (const auto* list :
       std::initializer_list<const std::vector<MailAddress>*>{&checked.to, &checked.cc, &bcc}) {
    add_recipients(*list, rules, checked.recipients, problems);
  }
  if (checked.recipients.empty() && problems.empty()) {
    problems.emplace_back("there is nobody to send to: give an address in to, cc or bcc");
  }
  if (checked.recipients.size() > rules.max_recipients) {
    problems.push_back(fmt::format("there are {} recipients, and at most {} are allowed",
                                   checked.recipients.size(), rules.max_recipients));
  }
  check_subject(mail.subject, problems);
  check_text(mail.text, problems);
  if (problems.empty()) return checked;
  return fail(ErrorCode::invalid, fmt::format("{}", fmt::join(problems, "; ")));
}

}  // namespace bellpull
