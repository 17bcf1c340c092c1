#include "cli/confirmation.h"

#include <expected>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/display_text.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/surroundings.h"

namespace bellpull::cli {

namespace {

std::unexpected<Failure> refused(std::string message, std::string hint, NextStep next) {
  return std::unexpected(Failure{.exit_code = ExitCode::refused,
                                 .code = {},
                                 .message = std::move(message),
                                 .hint = std::move(hint),
                                 .next = {std::move(next)}});
}

}  // namespace

Outcome<void> confirm_removal(const CommandContext& context, std::string_view noun,
                              const boost::json::object& item) {
  if (context.arguments.has(yes_option.long_name())) return {};
  const std::string id = text_at(item, "id");
  std::string name = text_at(item, "name");
  if (name.empty()) name = id;
  const NextStep without_asking{
      fmt::format("bellpull {} {} --yes", context.command.full_name(), id), "do it without asking"};

  const Surroundings& around = context.surroundings;
  if (!around.in_is_terminal || !around.err_is_terminal) {
    return refused(fmt::format("{} \"{}\" would be gone for good", noun, name),
                   "Nobody can be asked here.", without_asking);
  }
  around.err << printable(fmt::format(
                    "{} \"{}\" ({}) will be gone for good. Type its name to go on: ", noun, name,
                    id))
             << std::flush;
  std::string answer;
  if (!std::getline(around.in, answer)) {
    around.err << "\n";
    return std::unexpected(Failure{.exit_code = ExitCode::interrupted,
                                   .code = {},
                                   .message = "interrupted",
                                   .hint = "Nothing was done."});
  }
  if (answer == name) return {};
  return refused(fmt::format("that is not the name of the {}", noun), "Nothing was done.",
                 without_asking);
}

}  // namespace bellpull::cli
