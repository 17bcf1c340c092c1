#include "cli/failure.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "cli/display_text.h"

namespace bellpull::cli {

namespace {

constexpr std::array meanings{
    ExitCodeMeaning{ExitCode::ok, "ok"},
    ExitCodeMeaning{ExitCode::failed, "failed"},
    ExitCodeMeaning{ExitCode::usage, "wrong usage"},
    ExitCodeMeaning{ExitCode::not_found, "not found"},
    ExitCodeMeaning{ExitCode::not_allowed, "not authenticated or not allowed"},
    ExitCodeMeaning{ExitCode::unreachable, "server not reachable"},
    ExitCodeMeaning{ExitCode::conflict, "conflict or invalid data"},
    ExitCodeMeaning{ExitCode::timed_out, "timed out waiting"},
    ExitCodeMeaning{ExitCode::run_not_ok,
                    "the awaited run failed, was incomplete, canceled or dead (--wait)"},
    ExitCodeMeaning{ExitCode::refused, "refused (unsafe without a flag)"},
    ExitCodeMeaning{ExitCode::interrupted, "interrupted"},
};

std::string_view word_of(ExitCode code) {
  switch (code) {
    case ExitCode::usage:
      return "USAGE";
    case ExitCode::not_found:
      return "NOT_FOUND";
    case ExitCode::not_allowed:
      return "NOT_AUTHENTICATED";
    case ExitCode::unreachable:
      return "UNREACHABLE";
    case ExitCode::conflict:
      return "CONFLICT";
    case ExitCode::timed_out:
      return "TIMED_OUT";
    case ExitCode::run_not_ok:
      return "RUN_NOT_OK";
    case ExitCode::refused:
      return "REFUSED";
    case ExitCode::interrupted:
      return "INTERRUPTED";
    default:
      return "FAILED";
  }
}

// The text, and carets under its wrong part.
std::string excerpt_lines(const Excerpt& excerpt) {
  constexpr std::size_t indent = 9;
  const std::string_view text = excerpt.text;
  const std::size_t from = std::min(excerpt.position, text.size());
  const std::size_t before = display_width(printable(text.substr(0, from)));
  const std::size_t wrong = display_width(printable(text.substr(from, excerpt.length)));
  return fmt::format("{:{}}{}\n{:{}}{:^>{}}\n", "", indent, printable(text), "", indent + before,
                     "", std::max<std::size_t>(wrong, 1));
}

}  // namespace

std::span<const ExitCodeMeaning> exit_code_meanings() { return meanings; }

bool is_interrupt(const Failure& failure) { return failure.exit_code == ExitCode::interrupted; }

std::unexpected<Failure> usage_failure(std::string message, std::vector<NextStep> next) {
  return std::unexpected(Failure{.exit_code = ExitCode::usage,
                                 .code = {},
                                 .message = std::move(message),
                                 .next = std::move(next)});
}

std::string failure_text(const Failure& failure, Coloring coloring) {
  const bool colored = coloring == Coloring::ansi;
  std::string text = colored ? "\x1b[31merror:\x1b[0m " : "error: ";
  text += printable(failure.message) + "\n";
  if (failure.excerpt) text += excerpt_lines(*failure.excerpt);
  if (!failure.hint.empty()) text += "  " + printable(failure.hint) + "\n";
  std::size_t widest = 0;
  for (const NextStep& step : failure.next) widest = std::max(widest, step.command.size());
  for (std::size_t i = 0; i < failure.next.size(); ++i) {
    const NextStep& step = failure.next[i];
    text += i == 0 ? "  try:  " : "        ";
    text += step.purpose.empty() ? step.command
                                 : fmt::format("{:<{}}   {}", step.command, widest, step.purpose);
    text += "\n";
  }
  if (!failure.request_id.empty()) {
    text += "  request: " + printable(failure.request_id) + "\n";
  }
  return text;
}

boost::json::object failure_json(const Failure& failure) {
  std::string hint = failure.hint;
  if (hint.empty() && !failure.next.empty()) hint = "try: " + failure.next.front().command;
  boost::json::object error;
  error["code"] = failure.code.empty() ? word_of(failure.exit_code) : failure.code;
  error["message"] = failure.message;
  error["hint"] = hint.empty() ? boost::json::value(nullptr) : boost::json::value(hint);
  error["requestId"] = failure.request_id.empty() ? boost::json::value(nullptr)
                                                  : boost::json::value(failure.request_id);
  error["exitCode"] = static_cast<int>(failure.exit_code);
  return {{"error", std::move(error)}};
}

}  // namespace bellpull::cli
