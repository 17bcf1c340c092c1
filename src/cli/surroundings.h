// Everything around a command that is not its arguments: so that a test can be the terminal.
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace bellpull::cli {

struct Surroundings {
  std::map<std::string, std::string> environment;
  std::filesystem::path folder;  // the working directory
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 80;
  const Clock& clock;
  Random& random;

  // "" when it is not set.
  std::string variable(const std::string& name) const {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
  }
};

}  // namespace bellpull::cli
