#include "mail/mail.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mail/mail_address.h"

namespace bellpull {
namespace {

MailRules rules() { return {.from = {"Bell", "bell@example.com"}, .max_recipients = 3}; }

Mail mail() {
  return {.to = {"Ann <ann@example.com>, bob@sub.example.com"}, .subject = "Hi", .text = "Text"};
}

std::string problem(const Mail& wrong, const MailRules& by = rules()) {
  const auto checked = check_mail(wrong, by);
  return checked ? "none" : checked.error().message;
}

TEST(MailTest, AMailGoesToEachOfItsRecipientsOnce) {
  Mail one = mail();
  one.cc = {"ann@example.com"};
  one.bcc = {"eve@example.org"};
  one.from_name = "Support";
  const auto checked = check_mail(one, rules());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->recipients, (std::vector<std::string>{"ann@example.com", "bob@sub.example.com",
                                                           "eve@example.org"}));
  EXPECT_EQ(checked->from, (MailAddress{"Support", "bell@example.com"}));
}

TEST(MailTest, SeveralProblemsAreToldAtOnce) {
  Mail wrong = mail();
  wrong.to = {"ann", "b@c.d,x@"};
  wrong.subject = "Hi\r\nBcc: eve@example.com";
  wrong.text = "";
  EXPECT_EQ(problem(wrong),
            "to: \"ann\" has no @; to: \"x@\" has something after the @ that is no domain; subject "
            "holds a line break or a control character: write it in one line; content is missing");
}

TEST(MailTest, NothingThatCouldBeAHeaderPasses) {
  const std::vector<std::string> evils = {"a\nb",      "a\rb", "a\r\nBcc: e@v.e", "a\x1b", "a\x7f",
                                          {"a\0b", 3}, "\xff"};
  for (const std::string& evil : evils) {
    Mail wrong = mail();
    wrong.subject = evil;
    EXPECT_NE(problem(wrong), "none") << evil;
    wrong = mail();
    wrong.from_name = evil;
    EXPECT_NE(problem(wrong), "none") << evil;
    wrong = mail();
    wrong.reply_to = '"' + evil + "\" <a@b.c>";
    EXPECT_NE(problem(wrong), "none") << evil;
  }
}

TEST(MailTest, TheOperatorSaysWhomMailsMayGoTo) {
  MailRules strict = rules();
  strict.domains = {"example.com", ".corp.example"};
  Mail one = mail();
  EXPECT_EQ(problem(one, strict),
            "bob@sub.example.com is in no domain that this server may write to (example.com, "
            ".corp.example)");
  one.to = {"ann@EXAMPLE.com", "a@b.corp.example"};
  EXPECT_EQ(problem(one, strict), "none");
  one.bcc = {"eve@notexample.com"};
  EXPECT_NE(problem(one, strict), "none") << "blind copies are mails too";
  one.bcc = {"c@example.com", "d@example.com"};
  EXPECT_EQ(problem(one, strict), "there are 4 recipients, and at most 3 are allowed");
}

TEST(MailTest, AMailNeedsSomebodyToReadIt) {
  Mail one = mail();
  one.to.clear();
  EXPECT_EQ(problem(one), "there is nobody to send to: give an address in to, cc or bcc");
  one.bcc = {"ann@example.com"};
  EXPECT_EQ(problem(one), "none");
}

}  // namespace
}  // namespace bellpull
