#include "cli/next_steps.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/command_table.h"
#include "cli/failure.h"
#include "schedule/problem.h"
#include "schedule/schedule.h"

namespace bellpull::cli {

namespace {

// "--session-duration" and "sessionDuration" are one name.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalpha(letter) != 0) plain += static_cast<char>(std::tolower(letter));
  }
  return plain;
}

// Whether the option sets this field: --bot sets botId, --scope scopes, --expires expiresAt,
// --start scheduleStartAt.
bool sets_field(const Option& option, std::string_view field) {
  constexpr std::array<std::string_view, 4> endings{"", "id", "s", "at"};
  const std::string wanted = plain_name(field);
  const std::string own = plain_name(option.long_name());
  return std::ranges::any_of(endings, [&](std::string_view ending) {
    const std::string name = own + std::string{ending};
    return wanted == name || wanted == "schedule" + name;
  });
}

// The server judges a schedule; this only points at what is wrong in it first.
void point_at_problem(Failure& failure, const std::string& schedule) {
  const auto read = Schedule::read(schedule);
  if (read) return;
  const ScheduleProblem& first = read.error().front();
  failure.excerpt = {schedule, first.position, first.length};
}

// The API names the field first, and divides several problems by "; ".
void add_options(Failure& failure, const Command& command, const Arguments& arguments) {
  std::string_view problems = failure.message;
  while (!problems.empty()) {
    const std::string_view field = problems.substr(0, problems.find(' '));
    for (const Option& option : command.options) {
      if (!sets_field(option, field)) continue;
      const std::string name{option.long_name()};
      failure.next.push_back({fmt::format("{} {}", name, option.value), std::string{option.help}});
      if (name == "--schedule") point_at_problem(failure, arguments.text(name));
    }
    constexpr std::string_view divider = "; ";
    const std::size_t end = problems.find(divider);
    if (end == std::string_view::npos) return;
    problems.remove_prefix(end + divider.size());
  }
}

NextStep see_what_there_is(const Command& command) {
  const auto commands = commands_of(command.group);
  const bool has_list = std::ranges::find(commands, "list", &Command::name) != commands.end();
  // A run is found by its event.
  return {fmt::format("bellpull {} list", has_list ? command.group : "event"), "see what there is"};
}

}  // namespace

void add_next_steps(Failure& failure, const Command& command, const Arguments& arguments) {
  if (failure.status == 0 || !failure.next.empty()) return;
  if (failure.status == 400) add_options(failure, command, arguments);
  if (!failure.next.empty() || !failure.hint.empty()) return;
  switch (failure.status) {
    case 400:
    case 413:
    case 422:
      failure.next = {{fmt::format("bellpull {} --help", command.full_name()), "see examples"}};
      break;
    case 401:
    case 403:
      failure.next = {{"bellpull config list --origin", "see which server and token are used"}};
      break;
    case 404:
    case 409:
      failure.next = {see_what_there_is(command)};
      break;
    default:
      failure.next = {{"bellpull status", "see how the server does"}};
  }
}

}  // namespace bellpull::cli
