// What the tests of this room share: a folder of their own, and a data set read whole.
#pragma once
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "figment/data/catalog.h"
#include "figment/data/loader.h"

namespace figment {

/// A test with a folder that is empty at its start and gone at its end.
class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~FolderTest() override { std::filesystem::remove_all(folder); }

  void write(const std::filesystem::path& name, std::string_view bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;  // not synced, unlike write_file
  }
  DataOptions options() const { return {.source = folder.string(), .validation = 0}; }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("figment_data_test_" + std::to_string(::getpid()));
};

inline Batch read_all(const Dataset& set) {
  Batch all;
  each_batch(set, set.size(), [&](const Batch& batch) { all = batch; });
  return all;
}

inline std::vector<int64_t> labels_of(const Dataset& set) {
  if (set.size() == 0) return {};
  const Tensor labels = read_all(set).condition.label();
  return {labels.data_ptr<int64_t>(), labels.data_ptr<int64_t>() + labels.numel()};
}

}  // namespace figment
