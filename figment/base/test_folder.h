#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace figment {

/// A test with a folder that is empty at its start and gone at its end.
class OwnFolder : public testing::Test {
 protected:
  OwnFolder() {
    std::string pattern = testing::TempDir() + "figment_XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~OwnFolder() override { std::filesystem::remove_all(folder); }

  void write(const std::filesystem::path& name, std::string_view bytes = "x") const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;  // not synced, unlike write_file
  }
  std::filesystem::path folder;
};

}  // namespace figment
