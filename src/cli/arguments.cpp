#include "cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>  // IWYU pragma: keep
#include <fmt/format.h>

#include "base/duration.h"
#include "base/time.h"
#include "cli/failure.h"
#include "cli/nearest_word.h"

namespace bellpull::cli {

namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What the parser did not know: an option with its nearest, or a word too many.
Failure leftover_failure(const std::string& word, const std::vector<Option>& options) {
  if (!word.starts_with('-') || word == "-") {
    return {.exit_code = ExitCode::usage,
            .code = {},
            .message = fmt::format("\"{}\" is one word too many", word)};
  }
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const Option& option : options) names.emplace_back(option.long_name());
  const std::string name = word.substr(0, word.find('='));
  const auto nearest = nearest_word(name, names);
  return {.exit_code = ExitCode::usage,
          .code = {},
          .message = fmt::format("unknown option {}{}", name,
                                 nearest ? ". Did you mean " + *nearest + "?" : std::string{})};
}

}  // namespace

std::string_view Option::long_name() const {
  const std::size_t comma = names.find(',');
  return comma == std::string_view::npos ? names : names.substr(comma + 1);
}

// NOLINTBEGIN(misc-include-cleaner): CLI11's parts do not link without its one header.
Outcome<Arguments> Arguments::parse(const std::vector<Parameter>& parameters,
                                    const std::vector<Option>& options,
                                    const std::vector<std::string>& words) {
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras();
  // Slots of a map never move, so that the parser may write into them.
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  for (const Option& option : options) {
    const std::string names{option.names};
    if (option.value.empty()) {
      parser.add_flag(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      continue;
    }
    auto* added = parser.add_option(names, values[std::string{option.long_name()}]);
    // One value each time it is given: it must not swallow the words after it.
    added->type_size(1)->expected(1)->allow_extra_args(false);
    added->multi_option_policy(option.may_repeat ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::TakeLast);
  }
  for (const Parameter& parameter : parameters) {
    parser.add_option(std::string{parameter.name}, values[std::string{parameter.name}])
        ->type_size(1)
        ->expected(1)
        ->allow_extra_args(false);
  }
  try {
    std::vector<std::string> reversed{words.rbegin(), words.rend()};
    parser.parse(reversed);
  } catch (const CLI::ParseError& problem) {
    return usage_failure(problem.what());
  }
  if (const auto left = parser.remaining(); !left.empty()) {
    const auto option = std::ranges::find_if(
        left, [](const std::string& word) { return word.size() > 1 && word.starts_with('-'); });
    return std::unexpected(
        leftover_failure(option != left.end() ? *option : left.front(), options));
  }
  Arguments arguments;
  for (const Option& option : options) {
    const std::string name{option.long_name()};
    if (option.value.empty() && parser.count(name) > 0) arguments.values_[name];
  }
  for (auto& [name, given] : values) {
    if (!given.empty()) arguments.values_[name] = std::move(given);
  }
  return arguments;
}

// NOLINTEND(misc-include-cleaner)

bool Arguments::has(std::string_view name) const { return values_.contains(name); }

std::string Arguments::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string{} : found->second.back();
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Outcome<std::optional<std::int64_t>> Arguments::number(std::string_view name,
                                                       std::int64_t low) const {
  if (!has(name)) return std::nullopt;
  const auto number = parse_number(text(name));
  if (number && *number >= low) return number;
  return usage_failure(
      fmt::format("{} must be a whole number of at least {}, not \"{}\"", name, low, text(name)));
}

Outcome<std::optional<Duration>> Arguments::duration(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  if (const auto duration = parse_duration(text(name))) return duration;
  return usage_failure(fmt::format("{} must be a duration such as 90d, 24h, 30m or 10s, not \"{}\"",
                                   name, text(name)));
}

}  // namespace bellpull::cli
