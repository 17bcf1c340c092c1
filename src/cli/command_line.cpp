#include "cli/command_line.h"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <expected>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/random.h"
#include "base/time.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/command_table.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/help.h"
#include "cli/next_steps.h"
#include "cli/output.h"
#include "cli/surroundings.h"

namespace bellpull {

namespace cli {

namespace {

constexpr std::string_view version = BELLPULL_VERSION;

// Before there is an Output: the options were not understood, or there is no command.
int report(const Failure& failure, const std::vector<std::string>& words,
           const Surroundings& surroundings) {
  if (wants_json(words)) {
    surroundings.out << boost::json::serialize(failure_json(failure)) << "\n" << std::flush;
  }
  surroundings.err << failure_text(failure, Coloring::none);
  return static_cast<int>(failure.exit_code);
}

std::vector<Option> options_of(const Command& command) {
  std::vector<Option> options = command.options;
  options.insert(options.end(), global_options().begin(), global_options().end());
  return options;
}

// Everything up to here may fail before the command has begun.
Outcome<void> check_parameters(const Command& command, const Arguments& arguments) {
  for (const Parameter& parameter : command.parameters) {
    if (parameter.need == Need::optional || arguments.has(parameter.name)) continue;
    return usage_failure(
        fmt::format("{} is missing: {}", parameter.name, parameter.help),
        {{fmt::format("bellpull {} --help", command.full_name()), "see examples"}});
  }
  return {};
}

Outcome<ExitCode> run_with(const Command& command, const Arguments& arguments, const Output& output,
                           Surroundings& surroundings) {
  const auto configuration = Configuration::find(arguments, surroundings);
  if (!configuration) return std::unexpected(configuration.error());
  std::ostream* debug = arguments.has("--debug") ? &surroundings.err : nullptr;
  Client client{*configuration, surroundings.clock, debug};
  CommandContext context{command, arguments, *configuration, output, surroundings, client};
  auto result = command.run(context);
  if (!result) add_next_steps(result.error(), command, arguments);
  return result;
}

int run_selected(const Command& command, const std::vector<std::string>& words,
                 Surroundings& surroundings) {
  const auto arguments = Arguments::parse(command.parameters, options_of(command), words);
  if (!arguments) {
    Failure failure = arguments.error();
    failure.next.push_back(
        {fmt::format("bellpull {} --help", command.full_name()), "see its options"});
    return report(failure, words, surroundings);
  }
  const auto output = Output::from(*arguments, surroundings);
  if (!output) return report(output.error(), words, surroundings);
  Outcome<ExitCode> result = ExitCode::failed;
  if (auto checked = check_parameters(command, *arguments); !checked) {
    result = std::unexpected(checked.error());
  } else {
    result = run_with(command, *arguments, *output, surroundings);
  }
  if (!result) output->report(result.error());
  return static_cast<int>(result ? *result : result.error().exit_code);
}

// "-h" may also be the value of an option, which only the parser can tell.
bool wants_help(const Selection& selection) {
  if (!selection.wants_help || selection.command == nullptr) return selection.wants_help;
  const Command& command = *selection.command;
  const auto arguments = Arguments::parse(command.parameters, options_of(command), selection.rest);
  return !arguments || arguments->has("--help");
}

Outcome<std::string> help_on(const std::vector<std::string>& words) {
  if (words.empty()) return root_help();
  if (const auto topic = topic_help(words.front())) return *topic;
  const auto selection = select_command(words);
  if (!selection) return std::unexpected(selection.error());
  if (selection->command != nullptr) return command_help(*selection->command);
  return selection->group.empty() ? root_help() : group_help(selection->group);
}

int run_help(const std::vector<std::string>& words, const Surroundings& surroundings) {
  if (words.size() == 2 && words.front() == "--markdown") {
    write_pages(surroundings.folder / words.back());
    return 0;
  }
  const auto text = help_on(words);
  if (!text) return report(text.error(), words, surroundings);
  surroundings.out << *text;
  return 0;
}

int run_version(const std::vector<std::string>& words, const Surroundings& surroundings) {
  if (wants_json(words)) {
    surroundings.out << boost::json::serialize(boost::json::object{{"version", version}}) << "\n";
  } else {
    surroundings.out << "bellpull " << version << "\n";
  }
  return 0;
}

int run_any(const std::vector<std::string>& words, Surroundings& surroundings) {
  const std::string first = words.empty() ? std::string{} : words.front();
  const std::vector<std::string> rest{words.empty() ? words.end() : words.begin() + 1, words.end()};
  if (first == "help") return run_help(rest, surroundings);
  if (first == "version" || first == "--version") return run_version(rest, surroundings);

  const auto selection = select_command(words);
  if (!selection) return report(selection.error(), words, surroundings);
  if (selection->command != nullptr && !wants_help(*selection)) {
    return run_selected(*selection->command, selection->rest, surroundings);
  }
  const std::string text = selection->command != nullptr ? command_help(*selection->command)
                           : selection->group.empty()    ? root_help()
                                                         : group_help(selection->group);
  // A command that is missing is wrong usage, and its help no result.
  (wants_help(*selection) ? surroundings.out : surroundings.err) << text;
  return static_cast<int>(wants_help(*selection) ? ExitCode::ok : ExitCode::usage);
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

std::size_t terminal_columns() {
  winsize size{};
  // NOLINTNEXTLINE(misc-include-cleaner): the system decides which header holds the number
  const int asked = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  if (asked == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

}  // namespace

int run_command(const std::vector<std::string>& words, Surroundings& surroundings) {
  try {
    return run_any(words, surroundings);
  } catch (const std::exception& problem) {
    return report({.code = {}, .message = problem.what()}, words, surroundings);
  }
}

}  // namespace cli

int run_command_line(int argc, char** argv, const std::vector<DirectoryCommand>& others) {
  const std::vector<std::string> words{argv + (argc > 0 ? 1 : 0), argv + argc};
  for (const DirectoryCommand& other : others) {
    if (!words.empty() && words.front() == other.name) return other.run(argc - 2, argv + 2);
    if (words.size() == 2 && words.front() == "help" && words.back() == other.name) {
      std::string help = "--help";
      std::array<char*, 2> arguments{help.data(), nullptr};
      return other.run(1, arguments.data());
    }
  }
  const SystemClock clock;
  SystemRandom random;
  std::error_code no_folder;
  cli::Surroundings surroundings{.environment = cli::process_environment(),
                                 .folder = std::filesystem::current_path(no_folder),
                                 .in = std::cin,
                                 .out = std::cout,
                                 .err = std::cerr,
                                 .in_is_terminal = isatty(STDIN_FILENO) != 0,
                                 .out_is_terminal = isatty(STDOUT_FILENO) != 0,
                                 .err_is_terminal = isatty(STDERR_FILENO) != 0,
                                 .columns = cli::terminal_columns(),
                                 .clock = clock,
                                 .random = random};
  // A reader that has gone, such as `head`, is noticed at the stream; a server that has gone must
  // not end the process before it could say so.
  // NOLINTNEXTLINE(misc-include-cleaner): POSIX adds SIGPIPE to what csignal holds
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  return cli::run_command(words, surroundings);
}

}  // namespace bellpull
