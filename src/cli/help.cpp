#include "cli/help.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/command_table.h"
#include "cli/failure.h"

namespace bellpull::cli {

namespace {

using Lines = std::vector<std::pair<std::string, std::string_view>>;

// Two columns; what is too long for the first one has a line of its own.
std::string aligned(const Lines& lines) {
  constexpr std::size_t max_left = 30;
  std::size_t widest = 0;
  for (const auto& [left, right] : lines) {
    if (left.size() <= max_left) widest = std::max(widest, left.size());
  }
  std::string text;
  for (const auto& [left, right] : lines) {
    if (left.size() <= widest) {
      text += fmt::format("  {:<{}}  {}\n", left, widest, right);
    } else {
      text += fmt::format("  {}\n  {:<{}}  {}\n", left, "", widest, right);
    }
  }
  return text;
}

std::string option_words(const Option& option) {
  std::string words{option.names};
  if (const std::size_t comma = words.find(','); comma != std::string::npos) {
    words.insert(comma + 1, " ");
  } else {
    words.insert(0, "    ");
  }
  if (!option.value.empty()) words += fmt::format(" {}", option.value);
  return words;
}

Lines option_lines(const std::vector<Option>& options) {
  Lines lines;
  for (const Option& option : options) lines.emplace_back(option_words(option), option.help);
  return lines;
}

std::string usage_of(const Command& command) {
  std::string usage = "bellpull " + command.full_name();
  for (const Parameter& parameter : command.parameters) {
    const bool required = parameter.need == Need::required;
    usage += required ? fmt::format(" {}", parameter.name) : fmt::format(" [{}]", parameter.name);
  }
  return usage + " [options]";
}

Lines command_lines(std::string_view group) {
  Lines lines;
  for (const Command* command : commands_of(group)) {
    lines.emplace_back(command->full_name(), command->purpose);
  }
  return lines;
}

constexpr std::string_view environment_topic =
    R"(What a command talks to is found in this order: flag, environment, ./bellpull.toml,
$XDG_CONFIG_HOME/bellpull/config.toml (else ~/.config/bellpull/config.toml), what a server on this
machine left in its data directory, built-in.

  BELLPULL_URL          the server (--url, `url` in the files); else server.json of the data
                        directory, else http://127.0.0.1:8484
  BELLPULL_TOKEN        an API token (--token, `token`)
  BELLPULL_TOKEN_FILE   a file that holds it (`token_file`)
  BELLPULL_DATA         the data directory of a server on this machine (--data, `data`): ./data
  BELLPULL_CA_FILE      a certificate authority to trust (--ca-file, `ca_file`)
  NO_COLOR              no colours, whatever its value

Without any token, the admin.token of the data directory is used, when the URL is this machine's.
`bellpull config list --origin` shows what was found, and where.
)";

constexpr std::string_view formats_topic =
    R"(stdout is the result; notes, progress and errors go to stderr.

  on a terminal   a table fitted to its width: icons and words, shortened ids, relative times
  in a pipe       tab-separated values without a header: whole ids, ISO 8601 times in UTC; a tab,
                  line break or backslash inside a value is \t, \n, \r or \\. A single object is
                  one line a value, each after its name and a tab
  --json          one JSON document; lists are {"items": [...], "cursor": ...} as the API gives them
  --jsonl         one JSON object a line; tails and --watch give this for --json, too
  --quiet         ids only, one a line
  --fields a,b.c  only these fields, in every form; of a single object in a pipe the values alone
  --wide          a table with all its columns and whole ids
  --no-header     a table without its header; a single object in a pipe without names

A failure with --json is {"error": {"code", "message", "hint", "requestId", "exitCode"}} on stdout,
besides the lines for people on stderr.

Tails in a pipe: time, run, kind, text, milliseconds. As JSON: {"type": "event" | "step" | "run",
"data": {...}}, where data is what the API gives.
)";

std::string exit_codes_topic() {
  std::string text;
  for (const ExitCodeMeaning& one : exit_code_meanings()) {
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(one.code), one.meaning);
  }
  return text;
}

}  // namespace

std::string root_help() {
  std::string text =
      "Bellpull turns events into bot work. One program: the server, and its command line.\n\n"
      "Usage:  bellpull COMMAND [options]\n\nExamples:\n";
  text += aligned({{"bellpull serve --demo", "a server with a demo bot, here and now"},
                   {"bellpull event send @hello -d hi --wait", "ring the demo bot"},
                   {"bellpull conversation tail --latest", "watch what the bot does"}});
  text +=
      "\nThe server:\n" + aligned({{"serve", "run the server (serve --help)"},
                                   {"rotate-key", "replace the master key (rotate-key --help)"}});
  text += "\nCommands:\n";
  Lines lines;
  for (const Command* command : commands_of("")) {
    lines.emplace_back(std::string{command->name}, command->purpose);
  }
  for (const Group& group : groups()) lines.emplace_back(std::string{group.name}, group.purpose);
  lines.emplace_back("version", "the version of this program");
  lines.emplace_back("help", "help on a command or a topic: exit-codes, environment, formats");
  text += aligned(lines);
  return text + "\nEvery command has --help. Output and failures: bellpull help formats.\n";
}

std::string group_help(std::string_view group) {
  return fmt::format(
      "Usage:  bellpull {} COMMAND [options]\n\nCommands:\n{}\n"
      "Each has --help with examples.\n",
      group, aligned(command_lines(group)));
}

std::string global_options_help() {
  return "Options of every command:\n" + aligned(option_lines(global_options()));
}

std::string command_help(const Command& command, OptionsShown shown) {
  std::string text =
      fmt::format("{}.\n\nUsage:  {}\n\nExamples:\n", command.purpose, usage_of(command));
  for (const Example& example : command.examples) {
    text += fmt::format("  {}\n      {}\n", example.line, example.purpose);
  }
  if (!command.parameters.empty()) {
    Lines lines;
    for (const Parameter& one : command.parameters) {
      lines.emplace_back(std::string{one.name}, one.help);
    }
    text += "\nArguments:\n" + aligned(lines);
  }
  if (!command.options.empty()) text += "\nOptions:\n" + aligned(option_lines(command.options));
  if (shown == OptionsShown::all) text += "\n" + global_options_help();
  if (!command.details.empty()) text += fmt::format("\n{}\n", command.details);
  if (shown == OptionsShown::all) text += "\nExit codes: bellpull help exit-codes\n";
  return text;
}

std::optional<std::string> topic_help(std::string_view topic) {
  if (topic == "exit-codes") return exit_codes_topic();
  if (topic == "environment") return std::string{environment_topic};
  if (topic == "formats") return std::string{formats_topic};
  return std::nullopt;
}

}  // namespace bellpull::cli
