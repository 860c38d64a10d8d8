#include "figment/runs/threads.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "tests/run_program.h"

namespace figment {
namespace {

/// OpenMP reads its environment once, when it is loaded, so each environment needs a process of its own.
TEST(Threads, FewerThanAreAskedForAreAnErrorAndNotAWrongProduct) {
  if (testing::is_inner()) {
    EXPECT_THROW(use_threads(2), ConfigError);
    EXPECT_NO_THROW(use_threads(1));
    return;
  }
  const std::pair<const char*, const char*> environments[] = {
      {"OMP_DYNAMIC", "true"}, {"OMP_THREAD_LIMIT", "1"}, {"OMP_MAX_ACTIVE_LEVELS", "0"}};
  for (const auto& [name, value] : environments) {
    const auto result = testing::run_inner({{name, value}});
    EXPECT_EQ(result.code, 0) << name << result.out;
  }
}

TEST(Threads, AsManyAsAreAskedFor) {
  const int before = at::get_num_threads();
  for (const int threads : {1, 2, 3}) {
    EXPECT_NO_THROW(use_threads(threads));
    EXPECT_EQ(at::get_num_threads(), threads);
  }
  use_threads(before);
}

}  // namespace
}  // namespace figment
