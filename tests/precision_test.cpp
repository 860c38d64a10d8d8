// The default recipe in bf16 learns what it learns in fp32: on real images, through the built program.
#include <gtest/gtest.h>

#include <cmath>

#include "figment/config/json.h"
#include "tests/run_program.h"

namespace figment {
namespace {

namespace fs = std::filesystem;

/// elbo_nats of 2,000 test images after 15,000 of training with the recipe's network, rate and layout.
double bound_in(const std::string& precision, const fs::path& out) {
  const auto trained = testing::run({"train",     "vae",
                                     "--data",    "fashion-mnist",
                                     "--threads", "1",
                                     "--seed",    "1",
                                     "--out",     out.string(),
                                     "--set",     "training.images=15000",
                                     "--set",     "training.warm_up=2000",
                                     "--set",     "training.average_half_life=2000",
                                     "--set",     "training.evaluate_every=15000",
                                     "--set",     "training.precision=" + precision});
  EXPECT_EQ(trained.code, 0) << trained.err;
  const auto measured = testing::run(
      {"evaluate", "last", "--out", out.string(), "-n", "2000", "-k", "0", "--threads", "1", "--seed", "0", "--json"});
  EXPECT_EQ(measured.code, 0) << measured.err;
  return parse_json(measured.out, "stdout").at("metrics").at("elbo_nats").at("value").get<double>();
}

TEST(Precision, Bf16MovesTheBoundOfTheDefaultRecipeByLessThanThreeTenthsOfANat) {
#if defined(__has_feature)  // clang, which the sanitizers need
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the claim is about numbers; four runs under sanitizers would take a quarter of an hour";
#endif
#endif
  const fs::path out = fs::temp_directory_path() / ("figment_precision_" + std::to_string(getpid()));
  const double full = bound_in("fp32", out), half = bound_in("bf16", out);
  EXPECT_NE(half, full) << "the setting changed nothing, so nothing was compared";
  EXPECT_LT(std::abs(half - full), 0.3) << "bf16 " << half << ", fp32 " << full;
  fs::remove_all(out);
}

}  // namespace
}  // namespace figment
