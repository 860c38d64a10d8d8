#include "figment/runs/run_data.h"

#include <gmock/gmock.h>

namespace figment {
namespace {

/// Numbers, and how many of them were read.
struct Counted : Dataset {
  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return 1000; }
  std::string hash() const override { return "counted"; }
  Batch read(std::span<const Draw> draws) const override {
    read_ += int64_t(draws.size());
    Tensor x = torch::empty({int64_t(draws.size()), 1});
    for (size_t i = 0; i < draws.size(); ++i) x[int64_t(i)] = double(draws[i].index);
    return {.x = x};
  }
  DataSpec spec_ = {.x = PointSpec{.numbers = 1}};
  mutable int64_t read_ = 0;
};

TEST(FirstBatches, ReadNoMoreThanTheyHandOver) {
  const Counted data;
  int64_t seen = 0;
  const auto batches = first_batches(data, 260, torch::kCPU);
  batches([&](const Batch& b) { seen += b.size(); });
  EXPECT_EQ(seen, 260);
  EXPECT_EQ(data.read_, 260);
  batches([&](const Batch& b) { seen += b.size(); });
  EXPECT_EQ(seen, 520) << "as often as it is called";
}

TEST(FirstExamples, AreTheFirstOnesInOrder) {
  const Counted data;
  EXPECT_TRUE(first_examples(data, 3).x.flatten().equal(torch::tensor({0.f, 1.f, 2.f})));
  EXPECT_EQ(first_examples(data, 5000).size(), 1000);
}

}  // namespace
}  // namespace figment
