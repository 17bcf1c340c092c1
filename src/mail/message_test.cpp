#include "mail/message.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time.h"
#include "mail/mail.h"
#include "mail/mail_address.h"
#include "mail/mail_html.h"
#include "support/smtp_sink.h"

namespace bellpull {
namespace {

const TimePoint noon = *parse_iso("2026-01-02T12:03:04Z");

CheckedMail mail(std::string subject = "Hello", std::string text = "Some *text*\n") {
  return {.from = {"", "bell@example.com"},
          .to = {{"", "ann@example.com"}},
          .subject = std::move(subject),
          .text = std::move(text)};
}

// As a reader has it, after a look at what every relay may rely on.
boost::json::object read(const CheckedMail& written) {
  const std::string message = compose(written, message_id("key", written.from), noon);
  std::size_t begin = 0;
  while (begin < message.size()) {
    const std::size_t end = message.find("\r\n", begin);
    EXPECT_NE(end, std::string::npos) << "every line ends in CRLF";
    EXPECT_LE(end - begin, 78U) << message.substr(begin, end - begin);
    EXPECT_EQ(message.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
    begin = end + 2;
  }
  EXPECT_TRUE(std::ranges::all_of(message, [](char c) { return c > 0; })) << "7 bits";
  const auto parsed = parse_mail({{"raw", to_base64(message)}});
  EXPECT_TRUE(parsed.at("defects").as_array().empty()) << parsed.at("defects");
  return parsed;
}

std::string text_of(const boost::json::object& parsed, std::size_t part) {
  return boost::json::value_to<std::string>(parsed.at("parts").at(part).at("text"));
}

TEST(MessageTest, AReaderFindsWhatWasWritten) {
  CheckedMail written = mail();
  written.from.name = "Bell, the \"bot\"";
  written.to.push_back({"Åse Øy – 日本語の名前", "ase@example.com"});
  written.cc = {{"Bob", "bob@example.com"}};
  written.reply_to = {{"", "desk@example.com"}};
  const auto parsed = read(written);
  EXPECT_EQ(parsed.at("from"),
            (boost::json::array{boost::json::array{"Bell, the \"bot\"", "bell@example.com"}}));
  EXPECT_EQ(parsed.at("to").at(1).at(0), "Åse Øy – 日本語の名前");
  EXPECT_EQ(parsed.at("cc").at(0).at(1), "bob@example.com");
  EXPECT_EQ(parsed.at("replyTo").at(0).at(1), "desk@example.com");
  EXPECT_EQ(parsed.at("date"), "Fri, 02 Jan 2026 12:03:04 +0000");
  EXPECT_EQ(parsed.at("type"), "multipart/alternative");
  EXPECT_EQ(parsed.at("parts").at(0).at("type"), "text/plain");
  EXPECT_EQ(text_of(parsed, 0), "Some *text*\n");
  EXPECT_EQ(parsed.at("parts").at(1).at("type"), "text/html");
  EXPECT_NE(text_of(parsed, 1).find("<p>Some <em>text</em></p>"), std::string::npos);
}

TEST(MessageTest, EverySubjectSurvives) {
  for (const std::string& subject :
       {std::string("Hello"), std::string("Grüße aus Köln — 你好 🎉"), std::string(900, 'x'),
        std::string("=?UTF-8?Q?not_encoded?="), std::string("two  blanks"), std::string(" edge "),
        std::string("Re: [x] a: b; c <d@e.f>, \"g\" \\ %0d%0aBcc: h"),
        [] {
          std::string words;
          for (int i = 0; i < 60; ++i) words += "word" + std::to_string(i) + " ";
          return words + "end";
        }(),
        [] {
          std::string many;
          for (int i = 0; i < 200; ++i) many += "é🎉";
          return many;
        }()}) {
    const auto parsed = read(mail(subject));
    EXPECT_EQ(parsed.at("subject").as_string(), subject);
    EXPECT_EQ(parsed.at("names").as_array().size(), 8U) << "no header was added";
  }
}

TEST(MessageTest, EveryTextSurvives) {
  for (const std::string& text :
       {std::string("Grüße 你好 🎉\n"), std::string(5000, 'x') + "\n", std::string(3000, '='),
        std::string("a \nb\t\n.\n..\n\n--=_x\nFrom here\n"), std::string("a\r\nb\rc\n"),
        std::string("=20=\n=\n")}) {
    std::string expected;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
      expected += text[i] == '\r' ? '\n' : text[i];
    }
    EXPECT_EQ(text_of(read(mail("Hello", text)), 0), expected);
  }
}

TEST(MessageTest, WhoGetsABlindCopyIsInNoHeader) {
  CheckedMail written = mail();
  written.to.clear();
  written.recipients = {"eve@example.com"};
  const std::string message = compose(written, message_id("key", written.from), noon);
  EXPECT_EQ(message.find("eve"), std::string::npos);
  EXPECT_NE(message.find("To: undisclosed-recipients:;\r\n"), std::string::npos);
}

TEST(MessageTest, EveryTryOfOneMailHasOneMessageId) {
  const MailAddress from{"", "bell@example.com"};
  EXPECT_EQ(message_id("run_1/call_2", from), message_id("run_1/call_2", from));
  EXPECT_NE(message_id("run_1/call_2", from), message_id("run_1/call_3", from));
  EXPECT_TRUE(message_id("a", from).ends_with("@example.com>"));
}

TEST(MailHtmlTest, ReadingAMailLoadsNothingAndRunsNothing) {
  const std::string html = mail_html(
      "![pixel](https://evil.example/p.gif)\n\n![](https://evil.example/q.gif)\n\n"
      "[![badge](https://evil.example/b.svg)](https://good.example)\n\n<img src=x "
      "onerror=alert(1)>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n**bold** & "
      "<b>\n");
  EXPECT_EQ(html.find("<img"), std::string::npos) << html;
  EXPECT_EQ(html.find("<script"), std::string::npos) << html;
  EXPECT_EQ(html.find("javascript:"), std::string::npos) << html;
  EXPECT_NE(html.find("<a href=\"https://evil.example/p.gif\">pixel</a>"), std::string::npos);
  EXPECT_NE(html.find("<a href=\"https://good.example\"><em>badge</em></a>"), std::string::npos);
  EXPECT_NE(html.find("<strong>bold</strong> &amp;"), std::string::npos) << html;
}

}  // namespace
}  // namespace bellpull
