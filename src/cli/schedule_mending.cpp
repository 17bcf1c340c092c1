#include "cli/schedule_mending.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "cli/json_path.h"
#include "schedule/schedule.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

constexpr std::string_view example_schedule = "0 1 * * *";

// What a hint puts in the place of what is wrong.
std::optional<std::string> replacement_in(std::string_view hint) {
  constexpr std::string_view write = "write ";
  constexpr std::string_view guess = "did you mean ";
  if (hint.starts_with(write)) return std::string{hint.substr(write.size())};
  if (!hint.starts_with(guess) || !hint.ends_with('?')) return std::nullopt;
  return std::string{hint.substr(guess.size(), hint.size() - guess.size() - 1)};
}

// From the last problem to the first, so that places stay right.
std::string mended_schedule(std::string schedule, const json::array& problems) {
  for (const json::value& each : std::views::reverse(problems)) {
    const json::object& problem = each.as_object();
    if (text_at(problem, "field") != "schedule") continue;
    const auto replacement = replacement_in(text_at(problem, "hint"));
    if (!replacement) return std::string{example_schedule};
    const std::int64_t position = number_at(problem, "position").value_or(0);
    const std::int64_t length = number_at(problem, "length").value_or(0);
    const std::size_t from = bytes_of(schedule, position);
    schedule.replace(from, bytes_of(schedule, position + length) - from, *replacement);
  }
  return Schedule::read(schedule) ? schedule : std::string{example_schedule};
}

std::string mended_zone(const std::string& zone, const json::array& problems) {
  for (const json::value& each : problems) {
    const json::object& problem = each.as_object();
    if (text_at(problem, "field") == "timezone") {
      return replacement_in(text_at(problem, "hint")).value_or("UTC");
    }
  }
  return zone;
}

}  // namespace

std::string mended_command(const AskedSchedule& asked, const json::array& problems) {
  std::string command = "bellpull trigger schedule " + shell_word(asked.trigger);
  const bool is_refused = std::ranges::any_of(problems, [](const json::value& problem) {
    return text_at(problem.as_object(), "field") == "schedule";
  });
  if (asked.is_given || is_refused) {
    command += " " + shell_word(mended_schedule(asked.schedule, problems));
  }
  const std::string zone = mended_zone(asked.timezone, problems);
  if (!zone.empty()) command += " --tz " + shell_word(zone);
  return command + " --preview 5";
}

std::size_t bytes_of(std::string_view text, std::int64_t characters) {
  std::size_t at = 0;
  while (at < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && characters-- == 0) break;
    ++at;
  }
  return at;
}

std::string shell_word(std::string_view word) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view{"@%+=:,./_-"}.find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string{word};
  // Within these a shell still reads some characters; within single ones none but their end.
  if (word.find_first_of("\"$`\\!") == std::string_view::npos) return fmt::format("\"{}\"", word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return quoted + "'";
}

}  // namespace bellpull::cli
