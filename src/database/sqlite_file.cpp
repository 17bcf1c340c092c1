#include "database/sqlite_file.h"

#include <algorithm>
#include <expected>
#include <filesystem>
#include <string>
#include <system_error>

#include <fmt/core.h>

namespace bellpull {

namespace fs = std::filesystem;

namespace {

bool is_inside(const fs::path& file, const fs::path& folder) {
  return std::ranges::mismatch(folder, file).in1 == folder.end();
}

// Whether a file of the folder is the same one by another name.
bool is_linked_from(const fs::path& folder, const fs::path& file) {
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, unreadable}) {
    std::error_code ignored;
    if (fs::equivalent(entry.path(), file, ignored)) return true;
  }
  return false;
}

}  // namespace

std::expected<fs::path, std::string> find_sqlite_file(const fs::path& named,
                                                      const fs::path& data_directory) {
  std::error_code missing;
  fs::path file = fs::canonical(named, missing);
  if (missing) {
    return std::unexpected(fmt::format("can't be found: {}; make the file first", named.string()));
  }
  if (!fs::is_regular_file(file, missing)) {
    return std::unexpected(fmt::format("is no file: {}", named.string()));
  }
  const fs::path data = fs::weakly_canonical(fs::absolute(data_directory), missing);
  if (is_inside(file, data) || is_linked_from(data, file)) {
    return std::unexpected(
        fmt::format("is in the data directory, which no statement may reach: {}", named.string()));
  }
  return file;
}

}  // namespace bellpull
