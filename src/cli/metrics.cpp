#include "cli/metrics.h"

#include <charconv>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

namespace bellpull::cli {

std::map<std::string, double> parse_metrics(std::string_view text) {
  std::map<std::string, double> values;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    // Labels may hold blanks, a time may follow the value: the value stands after the name.
    const std::size_t brace = line.find('}');
    const std::size_t blank = line.find(' ', brace == std::string_view::npos ? 0 : brace);
    if (blank == std::string_view::npos) continue;
    const std::string_view number = line.substr(blank + 1);
    double value = 0;
    const auto [rest, problem] =
        std::from_chars(number.data(), number.data() + number.size(), value);
    if (problem == std::errc{}) values[std::string{line.substr(0, blank)}] = value;
  }
  return values;
}

}  // namespace bellpull::cli
