#include "app/runtime_files.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <fmt/core.h>

#include "base/random.h"
#include "identity/bearer.h"

namespace bellpull {

namespace {

void write_private(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path temporary = file;
  temporary += ".new";
  ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), temporary.string());
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int problem = errno;
  ::close(fd);
  if (!written) throw std::system_error(problem, std::generic_category(), temporary.string());
  std::filesystem::rename(temporary, file);
}

}  // namespace

std::string admin_token_in(const std::filesystem::path& folder, Random& random) {
  const std::filesystem::path file = folder / "admin.token";
  std::string token;
  if (std::ifstream kept{file}; kept >> token && has_token_form(token)) return token;
  token = std::string{token_prefix} + random.hex(token_secret_bytes);
  write_private(file, token + "\n");
  return token;
}

ServerFile::ServerFile(const std::filesystem::path& folder, const std::string& url)
    : file_(folder / "server.json") {
  write_private(file_, fmt::format("{{\"url\": \"{}\", \"pid\": {}}}\n", url, ::getpid()));
}

ServerFile::~ServerFile() {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace bellpull
