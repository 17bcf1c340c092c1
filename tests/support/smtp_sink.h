// The mail relay of smtp_sink.mjs as a child process of a test.
//
// Threads: one. Calls that wait give up after 20 s by throwing std::runtime_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include <boost/json.hpp>

namespace bellpull {

class SmtpSink {
 public:
  // `options` as smtp_sink.mjs has them, JSON.
  explicit SmtpSink(const std::string& options = "{}");
  ~SmtpSink();
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;

  std::string url(std::string_view scheme = "smtp") const;
  std::string certificate() const;  // PEM

  // Waits until that many events of the name have been told.
  void wait_for(std::string_view event, std::size_t count = 1);
  // Whether one has been told, without waiting.
  bool has(std::string_view event);
  // The mails of now; after wait_for("mail") at least those.
  std::vector<boost::json::object> mails();

 private:
  std::size_t count_of(std::string_view event) const;
  bool read_more(int timeout_ms);

  pid_t process_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string unread_;
  std::vector<boost::json::object> events_;
};

// The mail as a reader has it; see parse_mail.py.
boost::json::object parse_mail(const boost::json::object& mail);

}  // namespace bellpull
