#include "cli/command_table.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/nearest_word.h"

namespace bellpull::cli {

namespace {

void append(std::vector<Command>& all, std::vector<Command> some) {
  std::ranges::move(some, std::back_inserter(all));
}

// "triggers" means trigger, "conv" conversation.
std::string_view group_meant(std::string_view word) {
  if (word == "conv" || word == "convs") return "conversation";
  for (const Group& group : groups()) {
    const bool is_plural = word.ends_with('s') && word.substr(0, word.size() - 1) == group.name;
    if (word == group.name || is_plural) return group.name;
  }
  return {};
}

std::string_view name_meant(std::string_view word) {
  if (word == "ls") return "list";
  if (word == "show") return "get";
  return word;
}

const Option* global_option(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  for (const Option& option : global_options()) {
    const std::size_t comma = option.names.find(',');
    const bool is_short = comma != std::string_view::npos && option.names.substr(0, comma) == name;
    if (is_short || option.long_name() == name) return &option;
  }
  return nullptr;
}

// Splits the first words that are no options, nor values of global ones, off the rest.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_(words) {}

  std::optional<std::string> next() {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (!word.starts_with('-') || word == "-") return word;
      passed_.push_back(word);
      const Option* option = global_option(word);
      const bool has_value = option != nullptr && !option->value.empty() &&
                             word.find('=') == std::string::npos && at_ < words_.size();
      if (has_value) passed_.push_back(words_[at_++]);
    }
    return std::nullopt;
  }

  std::vector<std::string> rest() const {
    std::vector<std::string> rest = passed_;
    rest.insert(rest.end(), words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end());
    return rest;
  }

 private:
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  std::vector<std::string> passed_;
};

// The words look like it; whether one is the value of an option, the parser knows.
bool asks_for_help(const std::vector<std::string>& words) {
  const auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

std::unexpected<Failure> unknown_command(const std::string& typed,
                                         std::span<const std::string> known,
                                         const std::string& prefix) {
  std::string message = fmt::format("unknown command \"{}{}\"", prefix, typed);
  std::vector<NextStep> next;
  if (const auto nearest = nearest_word(typed, known)) {
    message += fmt::format(". Did you mean \"{}{}\"?", prefix, *nearest);
    next = {{fmt::format("bellpull {}{} --help", prefix, *nearest), ""}};
  } else {
    next = {{fmt::format("bellpull {}--help", prefix), "see the commands"}};
  }
  return usage_failure(std::move(message), std::move(next));
}

const Command* find_command(std::string_view group, std::string_view name) {
  const auto& all = all_commands();
  const auto found = std::ranges::find_if(
      all, [&](const Command& command) { return command.group == group && command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const std::vector<Group>& groups() {
  static const std::vector<Group> all{
      {"trigger", "where events are sent, and what starts by itself"},
      {"event", "send, list and follow events"},
      {"conversation", "what was said and done (alias: conv)"},
      {"run", "the execution of one event"},
      {"approval", "what bots ask people, and wait for"},
      {"bot", "who answers"},
      {"account", "accounts of the server"},
      {"token", "API tokens"},
      {"config", "which server and token are used"},
  };
  return all;
}

const std::vector<Command>& all_commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> commands;
    commands.push_back(status_command());
    append(commands, trigger_commands());
    append(commands, event_commands());
    append(commands, conversation_commands());
    append(commands, run_commands());
    append(commands, approval_commands());
    append(commands, bot_commands());
    append(commands, account_commands());
    append(commands, token_commands());
    append(commands, config_commands());
    return commands;
  }();
  return all;
}

std::vector<const Command*> commands_of(std::string_view group) {
  std::vector<const Command*> found;
  for (const Command& command : all_commands()) {
    if (command.group == group) found.push_back(&command);
  }
  return found;
}

Outcome<Selection> select_command(const std::vector<std::string>& given) {
  Words words{given};
  Selection selection{.group = {}, .rest = {}, .wants_help = asks_for_help(given)};
  const auto first = words.next();
  if (!first) {
    selection.rest = words.rest();
    return selection;
  }
  if (const Command* command = find_command("", *first)) {
    selection.command = command;
    selection.rest = words.rest();
    return selection;
  }
  const std::string_view group = group_meant(*first);
  if (group.empty()) {
    std::vector<std::string> known{"serve", "rotate-key", "version", "help"};
    for (const Group& one : groups()) known.emplace_back(one.name);
    for (const Command* one : commands_of("")) known.emplace_back(one->name);
    return unknown_command(*first, known, "");
  }
  selection.group = group;
  const auto second = words.next();
  selection.rest = words.rest();
  if (!second) return selection;
  selection.command = find_command(group, name_meant(*second));
  if (selection.command == nullptr) {
    std::vector<std::string> known;
    for (const Command* one : commands_of(group)) known.emplace_back(one->name);
    return unknown_command(*second, known, std::string{group} + " ");
  }
  return selection;
}

}  // namespace bellpull::cli
