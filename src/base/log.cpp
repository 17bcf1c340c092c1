#include "base/log.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/time.h"

namespace bellpull {

// The threads, the level and the output are spdlog's; only the shape of the line is ours.
class Log::Sink {
 public:
  explicit Sink(LogLevel level)
      : logger_("bellpull", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");
    logger_.set_level(to_spdlog(level));
    logger_.flush_on(spdlog::level::trace);
  }

  bool wants(LogLevel level) const { return logger_.should_log(to_spdlog(level)); }
  void write(LogLevel level, const std::string& line) { logger_.log(to_spdlog(level), line); }

 private:
  static spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
      case LogLevel::debug:
        return spdlog::level::debug;
      case LogLevel::info:
        return spdlog::level::info;
      case LogLevel::warning:
        return spdlog::level::warn;
      case LogLevel::error:
        return spdlog::level::err;
    }
    std::unreachable();
  }

  spdlog::logger logger_;
};

namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  std::unreachable();
}

// A bare word where it cannot be misread, JSON text otherwise.
std::string text_value(const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return boost::json::serialize(value);
  const bool bare = !text->empty() && text->find_first_of(" \t\r\n\"=\\") == std::string_view::npos;
  return bare ? std::string{*text} : boost::json::serialize(value);
}

}  // namespace

Log::Log(LogFormat format, LogLevel level)
    : format_(format), sink_(std::make_unique<Sink>(level)) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view module, std::string_view fact, Fields fields) {
  if (!sink_->wants(level)) return;
  const std::string at = to_iso(SystemClock{}.now());
  if (format_ == LogFormat::json) {
    boost::json::object line{
        {"at", at}, {"level", level_name(level)}, {"module", module}, {"fact", fact}};
    for (const LogField& field : fields) line[field.name] = field.value;
    sink_->write(level, boost::json::serialize(line));
    return;
  }
  std::string line = at + " " + std::string{level_name(level)} + " " + std::string{module} + ": " +
                     std::string{fact};
  for (const LogField& field : fields) {
    line += " " + std::string{field.name} + "=" + text_value(field.value);
  }
  sink_->write(level, line);
}

void Log::debug(std::string_view module, std::string_view fact, Fields fields) {
  write(LogLevel::debug, module, fact, fields);
}
void Log::info(std::string_view module, std::string_view fact, Fields fields) {
  write(LogLevel::info, module, fact, fields);
}
void Log::warning(std::string_view module, std::string_view fact, Fields fields) {
  write(LogLevel::warning, module, fact, fields);
}
void Log::error(std::string_view module, std::string_view fact, Fields fields) {
  write(LogLevel::error, module, fact, fields);
}

}  // namespace bellpull
