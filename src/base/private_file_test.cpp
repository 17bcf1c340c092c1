#include "base/private_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <unistd.h>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

class PrivateFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
  }

  const std::filesystem::path folder =
      testing::TempDir() + "private_file_test_" + std::to_string(::getpid());
};

TEST_F(PrivateFileTest, OnlyItsOwnerReadsItAndItIsReplacedWhole) {
  const std::filesystem::path file = folder / "key";
  write_private_file(file, "an old and longer text");
  write_private_file(file, "new");
  EXPECT_EQ(content_of(file), "new");
  const auto permissions = std::filesystem::status(file).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder}, {}), 1) << "nothing else";
}

TEST_F(PrivateFileTest, AFolderThatIsNotThereIsAFailure) {
  EXPECT_THROW(write_private_file(folder / "absent" / "key", "x"), std::system_error);
}

TEST_F(PrivateFileTest, AFileIsWrittenInTheCurrentFolderToo) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  write_private_file("key", "here");
  std::filesystem::current_path(before);
  EXPECT_EQ(content_of(folder / "key"), "here");
}

}  // namespace
}  // namespace bellpull
