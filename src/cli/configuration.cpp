#include "cli/configuration.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>  // IWYU pragma: keep

#include "cli/arguments.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/nearest_word.h"
#include "cli/surroundings.h"
#include "egress/url.h"

namespace bellpull::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view default_url = "http://127.0.0.1:8484";
constexpr std::string_view default_data = "./data";
const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys{"url", "token", "token_file", "data", "ca_file"};
  return keys;
}

std::string trimmed(std::string text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.erase(text.find_last_not_of(blanks) + 1);
  text.erase(0, std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

std::optional<std::string> read_text(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return std::nullopt;
  return trimmed({std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}});
}

Failure file_failure(const fs::path& path, std::string_view problem, std::string hint = {}) {
  return {.exit_code = ExitCode::usage,
          .code = {},
          .message = fmt::format("{}: {}", path.string(), problem),
          .hint = std::move(hint)};
}

// The server's settings share the file, so a foreign key is only an error when it looks like a
// misspelt one of ours.
// NOLINTBEGIN(misc-include-cleaner): toml++ is meant to be included by one header only.
Outcome<void> check_keys(const fs::path& path, const toml::table& table) {
  for (const auto& [key, node] : table) {
    const std::string name{key.str()};
    if (node.is_table() || std::ranges::find(known_keys(), name) != known_keys().end()) continue;
    if (name.size() < 3) continue;
    if (const auto nearest = nearest_word(name, known_keys())) {
      return std::unexpected(
          file_failure(path, "unknown key \"" + name + "\"", "Did you mean \"" + *nearest + "\"?"));
    }
  }
  return {};
}

Outcome<std::optional<toml::table>> read_file(const fs::path& path) {
  std::error_code problem;
  if (!fs::exists(path, problem)) return std::nullopt;
  try {
    toml::table table = toml::parse_file(path.string());
    if (auto checked = check_keys(path, table); !checked) return std::unexpected(checked.error());
    return table;
  } catch (const toml::parse_error& error) {
    return std::unexpected(file_failure(
        path, fmt::format("line {}: {}", error.source().begin.line, error.description())));
  }
}

// Looks a key up, from what counts most to what counts least.
class Sources {
 public:
  Sources(const Arguments& arguments, const Surroundings& surroundings)
      : arguments_(arguments), surroundings_(surroundings) {}

  Outcome<void> read_files(const std::vector<fs::path>& paths) {
    for (const fs::path& path : paths) {
      auto read = read_file(path);
      if (!read) return std::unexpected(read.error());
      std::optional<toml::table> table = std::move(*read);
      if (table) files_.emplace_back(path, std::move(*table));
    }
    return {};
  }

  bool find(ConfiguredValue& value, const std::string& flag, const std::string& variable) const {
    return from_flag(value, flag) || from_variable(value, variable) || from_files(value, value.key);
  }

  bool from_flag(ConfiguredValue& value, const std::string& flag) const {
    return take(value, arguments_.text(flag), flag);
  }
  bool from_variable(ConfiguredValue& value, const std::string& variable) const {
    return take(value, surroundings_.variable(variable), variable);
  }
  bool from_files(ConfiguredValue& value, const std::string& key) const {
    for (const auto& [path, table] : files_) {
      const auto found = table[key].value<std::string>();
      if (found && take(value, *found, path.string())) return true;
    }
    return false;
  }

  static bool take(ConfiguredValue& value, std::string text, std::string origin) {
    if (text.empty()) return false;
    value.value = std::move(text);
    value.origin = std::move(origin);
    return true;
  }

 private:
  const Arguments& arguments_;
  const Surroundings& surroundings_;
  std::vector<std::pair<fs::path, toml::table>> files_;
};

std::vector<fs::path> file_paths(const Surroundings& surroundings) {
  std::vector<fs::path> paths{surroundings.folder / "bellpull.toml"};
  const std::string config = surroundings.variable("XDG_CONFIG_HOME");
  const std::string home = surroundings.variable("HOME");
  if (!config.empty()) {
    paths.push_back(fs::path{config} / "bellpull" / "config.toml");
  } else if (!home.empty()) {
    paths.push_back(fs::path{home} / ".config" / "bellpull" / "config.toml");
  }
  return paths;
}

std::string url_of_running_server(const fs::path& file) {
  const auto text = read_text(file);
  if (!text) return {};
  boost::system::error_code problem;
  const auto value = boost::json::parse(*text, problem);
  return !problem && value.is_object() ? text_at(value.get_object(), "url") : std::string{};
}

bool is_this_machine(const Url& url) {
  return url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.");
}

// NOLINTEND(misc-include-cleaner)

// A token that a file holds. `file` may be relative to the working directory.
Outcome<void> read_token_file(ConfiguredValue& token, const fs::path& folder,
                              const ConfiguredValue& file) {
  const fs::path path = folder / file.value;
  const auto text = read_text(path);
  if (!text || text->empty()) {
    return std::unexpected(file_failure(path, "the token file can't be read, or is empty",
                                        "It was named by " + file.origin + "."));
  }
  Sources::take(token, *text, file.origin + " (" + path.string() + ")");
  return {};
}

Outcome<void> find_token(Configuration& found, const Sources& sources, const fs::path& folder) {
  ConfiguredValue file{"token_file", "", ""};
  if (sources.from_flag(found.token, "--token")) return {};
  if (sources.from_variable(found.token, "BELLPULL_TOKEN")) return {};
  if (sources.from_variable(file, "BELLPULL_TOKEN_FILE")) {
    return read_token_file(found.token, folder, file);
  }
  if (sources.from_files(found.token, "token")) return {};
  if (sources.from_files(file, "token_file")) return read_token_file(found.token, folder, file);
  return {};
}

}  // namespace

Outcome<Configuration> Configuration::find(const Arguments& arguments,
                                           const Surroundings& surroundings) {
  Configuration found;
  found.files = file_paths(surroundings);
  Sources sources{arguments, surroundings};
  if (auto read = sources.read_files(found.files); !read) return std::unexpected(read.error());

  if (!sources.find(found.data, "--data", "BELLPULL_DATA")) {
    Sources::take(found.data, std::string{default_data}, "built-in");
  }
  sources.find(found.ca_file, "--ca-file", "BELLPULL_CA_FILE");
  const fs::path data = (surroundings.folder / found.data.value).lexically_normal();
  const fs::path server_file = data / "server.json";
  if (!sources.find(found.url, "--url", "BELLPULL_URL") &&
      !Sources::take(found.url, url_of_running_server(server_file), server_file.string())) {
    Sources::take(found.url, std::string{default_url}, "built-in");
  }
  const auto url = parse_url(found.url.value);
  if (!url) {
    return usage_failure(fmt::format("the server's URL \"{}\" from {} is not valid: {}",
                                     found.url.value, found.url.origin, url.error().message));
  }
  if (auto token = find_token(found, sources, surroundings.folder); !token) {
    return std::unexpected(token.error());
  }
  // It opens everything, so a URL from elsewhere must not be able to ask for it.
  if (found.token.value.empty() && is_this_machine(*url)) {
    const fs::path admin = data / "admin.token";
    Sources::take(found.token, read_text(admin).value_or(""), admin.string());
  }
  return found;
}

std::string masked(std::string_view secret) {
  constexpr std::size_t shown = 7;
  if (secret.empty()) return {};
  return std::string{secret.size() > 4 * shown ? secret.substr(0, shown) : ""} + "…";
}

}  // namespace bellpull::cli
