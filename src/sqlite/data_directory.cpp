#include "sqlite/data_directory.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/result.h"

namespace bellpull {

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) {
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }
  const std::string file = (folder / "lock").string();
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) throw std::system_error(errno, std::generic_category(), file);
  // Released by the kernel when the process ends, however it ends.
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return fail(ErrorCode::conflict,
                "the data directory " + folder.string() + " is in use by another process",
                "stop the other server, or give this one another --data directory");
  }
  return DataDirectory{folder, lock, !std::filesystem::exists(folder / main_file_name)};
}

DataDirectory::DataDirectory(std::filesystem::path folder, int lock, bool is_new)
    : folder_(std::move(folder)), lock_(lock), is_new_(is_new) {}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_(std::exchange(other.lock_, -1)),
      is_new_(other.is_new_) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace bellpull
