// One line a fact, to standard error, as text or JSON: `log.info("event", "accepted",
// {{"trigger", id}})`. Callers never pass a secret; fields are data, so a line break in one cannot
// forge a second line.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include <boost/json/value.hpp>

namespace bellpull {

enum class LogFormat : std::uint8_t { text, json };
enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  std::string_view name;
  boost::json::value value;
};

class Log {
 public:
  Log(LogFormat format, LogLevel level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  using Fields = std::initializer_list<LogField>;
  void debug(std::string_view module, std::string_view fact, Fields fields = {});
  void info(std::string_view module, std::string_view fact, Fields fields = {});
  void warning(std::string_view module, std::string_view fact, Fields fields = {});
  void error(std::string_view module, std::string_view fact, Fields fields = {});

 private:
  class Sink;
  void write(LogLevel level, std::string_view module, std::string_view fact, Fields fields);

  const LogFormat format_;
  const std::unique_ptr<Sink> sink_;
};

}  // namespace bellpull
