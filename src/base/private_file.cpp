#include "base/private_file.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace bellpull {

namespace {

[[noreturn]] void fail_with(int problem, const std::filesystem::path& file) {
  throw std::system_error(problem, std::generic_category(), file.string());
}

void flush_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail_with(errno, folder);
  const int problem = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (problem != 0) fail_with(problem, folder);
}

}  // namespace

void write_private_file(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path temporary = file;
  temporary += ".new";
  ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) fail_with(errno, temporary);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int problem = errno;
  ::close(fd);
  if (!written) fail_with(problem, temporary);
  rename_durably(temporary, file);
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::rename(from, to);
  flush_folder(to.has_parent_path() ? to.parent_path() : ".");
}

}  // namespace bellpull
