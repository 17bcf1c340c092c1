// A table of the configuration file that declares one named thing: `[mcp.NAME]`, `[provider.NAME]`.
// They have neither flags nor variables, as a list of named things has no place in either.
//
// Everything that is wrong is collected, each with its key, so that all of it is told at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/result.h"
#include "base/time.h"

namespace bellpull {

// NOLINTBEGIN(misc-include-cleaner): toml++ is meant to be included by one header only.

class NamedTable {
 public:
  // `prefix`: "mcp.NAME.". The table and the variables outlive this.
  NamedTable(const toml::table& table, const Environment& variables, std::string prefix);

  bool has(std::string_view key) const { return table_.contains(key); }
  void complain(std::string_view key, std::string_view what);
  // Complains of every key that is not among these.
  void check_keys(std::span<const std::string_view> known);

  // What is missing is empty, and changes nothing; what is of another kind is complained of.
  std::string text(std::string_view key);
  std::string any_text(std::string_view key);  // which may be empty
  // `${NAME}` in it is the variable of that name, so that a secret need not stand in the file.
  std::string filled_text(std::string_view key);
  std::map<std::string, std::string> filled_texts(std::string_view key);
  std::vector<std::string> list(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  void whole(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& into);
  void duration(std::string_view key, Duration& into);  // up to 24 hours

  const std::vector<std::string>& problems() const { return problems_; }
  // The values of variables that were filled in.
  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  std::string filled(std::string_view key, std::string_view text);

  const toml::table& table_;
  const Environment& variables_;
  const std::string prefix_;
  std::vector<std::string> problems_;
  std::vector<std::string> secrets_;
};

// Of a to z, 0 to 9 and -, at most 24 letters.
bool is_declared_name(std::string_view name);

// Reads each table under `kind` ("mcp"), whose name is as above, with `read(table, name)`. Fails
// with all that is wrong; `page` has examples.
template <typename Declared, typename Read>
Result<std::vector<Declared>> read_named_tables(const toml::table& tables, std::string_view kind,
                                                const Environment& variables, std::string_view page,
                                                Read read);

// One message of all problems; there is at least one.
std::unexpected<Error> told_at_once(const std::vector<std::string>& problems,
                                    std::string_view page);
std::string no_declared_table(std::string_view kind, std::string_view name);

template <typename Declared, typename Read>
Result<std::vector<Declared>> read_named_tables(const toml::table& tables, std::string_view kind,
                                                const Environment& variables, std::string_view page,
                                                Read read) {
  std::vector<Declared> declared;
  std::vector<std::string> problems;
  for (const auto& [key, node] : tables) {
    const std::string name{key.str()};
    const auto* const table = node.as_table();
    if (table == nullptr || !is_declared_name(name)) {
      problems.push_back(no_declared_table(kind, name));
      continue;
    }
    NamedTable reading{*table, variables, std::string{kind} + "." + name + "."};
    declared.push_back(read(reading, name));
    problems.insert(problems.end(), reading.problems().begin(), reading.problems().end());
  }
  if (!problems.empty()) return told_at_once(problems, page);
  return declared;
}

// NOLINTEND(misc-include-cleaner)

}  // namespace bellpull
