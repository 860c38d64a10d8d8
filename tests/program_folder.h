// A folder of its own with tiny data in `data`, in which a test runs the built program as a person does.
#pragma once
#include <gmock/gmock.h>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "tests/run_program.h"
#include "tests/tiny_data.h"

namespace figment::testing {

class ProgramFolder : public ::testing::Test {
 protected:
  using Words = std::vector<std::string>;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    write_tiny_data(folder_ / "data");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Finished figment(const Words& words) const { return run(words, {}, folder_); }
  /// What the program prints, which must succeed.
  Json document(const Words& words) const {
    const auto result = figment(words);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse_json(result.out, "stdout");
  }
  static Words joined(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      (std::string("figment_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
       std::to_string(getpid()));
};

}  // namespace figment::testing
