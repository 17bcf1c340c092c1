// How a command can fail: an exit code for scripts, a sentence for people, and what to type next
// (dashboard-and-cli.md 5.3, 5.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace bellpull::cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,
  usage = 2,
  not_found = 3,
  not_allowed = 4,
  unreachable = 5,
  conflict = 6,
  timed_out = 7,
  run_not_ok = 8,
  refused = 9,
  interrupted = 130,
};

struct ExitCodeMeaning {
  ExitCode code;
  std::string_view meaning;
};
std::span<const ExitCodeMeaning> exit_code_meanings();

// A command worth typing next, and what it is for.
struct NextStep {
  std::string command;
  std::string purpose;
};

// A text that was refused, and the part of it that is wrong, in bytes.
struct Excerpt {
  std::string text;
  std::size_t position = 0;
  std::size_t length = 0;
};

struct Failure {
  ExitCode exit_code = ExitCode::failed;
  std::string code;     // one word for programs, "NOT_FOUND"; empty: made from the exit code
  std::string message;  // what failed and why; one sentence without a full stop
  std::optional<Excerpt> excerpt;
  std::string hint;
  std::vector<NextStep> next;
  std::string request_id;
  unsigned status = 0;  // of the server's reply; 0: it was not the server that refused
};

// Nothing was wrong with the command: a person stopped it.
bool is_interrupt(const Failure& failure);

template <class T>
using Outcome = std::expected<T, Failure>;

std::unexpected<Failure> usage_failure(std::string message, std::vector<NextStep> next = {});

enum class Coloring : std::uint8_t { none, ansi };

// The human form, several lines; only the first word is coloured.
std::string failure_text(const Failure& failure, Coloring coloring);
// {"error": {"code", "message", "hint", "requestId", "exitCode"}}
boost::json::object failure_json(const Failure& failure);

}  // namespace bellpull::cli
