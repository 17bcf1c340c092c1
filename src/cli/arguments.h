// The words of a command line as parameters and options.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/failure.h"

namespace bellpull::cli {

struct Option {
  std::string_view names;  // "-d,--body"
  std::string_view value;  // "BODY"; empty for a flag
  std::string_view help;
  bool may_repeat = false;

  // "--body", by which it is asked for.
  std::string_view long_name() const;
};

enum class Need : std::uint8_t { required, optional };

struct Parameter {
  std::string_view name;  // "TRIGGER"
  std::string_view help;
  Need need = Need::required;
};

// Values by parameter name ("TRIGGER") and long option name ("--body").
class Arguments {
 public:
  // Fails with `usage` and the nearest option for one that is not known.
  static Outcome<Arguments> parse(const std::vector<Parameter>& parameters,
                                  const std::vector<Option>& options,
                                  const std::vector<std::string>& words);

  bool has(std::string_view name) const;
  // "" when it was not given.
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  // Nothing when it was not given; fails when it is not a whole number of at least `low`.
  Outcome<std::optional<std::int64_t>> number(std::string_view name, std::int64_t low) const;
  // "90d", "24h", "30m", "10s", "250ms".
  Outcome<std::optional<Duration>> duration(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace bellpull::cli
