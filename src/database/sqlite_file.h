// Which SQLite files are open to statements: regular ones outside of the data directory.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace bellpull {

// The file itself, symbolic links followed; or what is wrong, to be read after its key. A file of
// the data directory is refused under whatever name it is reached: path, symbolic or hard link.
std::expected<std::filesystem::path, std::string> find_sqlite_file(
    const std::filesystem::path& named, const std::filesystem::path& data_directory);

}  // namespace bellpull
