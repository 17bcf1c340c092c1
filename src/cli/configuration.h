// Which server a command talks to, with which token, and where each of that was said.
//
// Precedence: flag, environment, ./bellpull.toml, $XDG_CONFIG_HOME/bellpull/config.toml, what a
// server on this machine left in its data directory, built-in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/failure.h"
#include "cli/surroundings.h"

namespace bellpull::cli {

struct ConfiguredValue {
  std::string key;  // "url"
  std::string value;
  std::string origin;  // "BELLPULL_URL"
};

struct Configuration {
  ConfiguredValue url{"url", "", ""};
  ConfiguredValue token{"token", "", ""};  // empty: none was found
  ConfiguredValue data{"data", "", ""};
  ConfiguredValue ca_file{"ca_file", "", ""};
  std::vector<std::filesystem::path> files;  // that were looked for, the first one wins

  // The admin token of a data directory is only ever sent to this machine: see configuration.cpp.
  static Outcome<Configuration> find(const Arguments& arguments, const Surroundings& surroundings);

  std::vector<const ConfiguredValue*> values() const { return {&url, &token, &data, &ca_file}; }
};

// A token as it may be shown: "sk-1234…".
std::string masked(std::string_view secret);

}  // namespace bellpull::cli
