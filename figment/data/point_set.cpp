#include "figment/data/point_set.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/data/conform.h"
#include "figment/tensor/noise.h"

namespace figment {
namespace {

constexpr int64_t kTrain = 50000, kTest = 10000;

class PointSet final : public Dataset {
 public:
  explicit PointSet(Tensor points) : points_(std::move(points)) { spec_.x = PointSpec{.numbers = points_.size(1)}; }
  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return points_.size(0); }
  Batch read(std::span<const Draw> draws) const override {
    return {.x = points_.index_select(0, indices_of(draws, size()))};
  }
  std::string hash() const override { return Hash().add(points_.const_data_ptr(), points_.nbytes()).hex(); }

 private:
  DataSpec spec_;
  Tensor points_;  // [N,2]
};

/// Point i of a split is the same in every run: its mode and its place are numbers of two streams of its own. (Of one,
/// its place would depend on its mode.)
Tensor points_of(const Mixture& mixture, int64_t count, std::string_view purpose) {
  std::vector<int64_t> seeds(static_cast<size_t>(count));
  std::iota(seeds.begin(), seeds.end(), 0);
  const Tensor modes = seeded_uniform(seeds, 1, std::string(purpose) + "/mode").flatten();
  const Tensor which = (modes * double(mixture.centres.size(0))).to(torch::kLong);
  return mixture.centres.index_select(0, which) + mixture.deviation * seeded_normal(seeds, 2, purpose);
}

bool recognises(const Source& source) { return !source.computed.empty(); }

std::unique_ptr<Dataset> open(const Source& source, const DataOptions& options, Split split, const DataSpec* like,
                              std::vector<SkippedFile>&) {
  if (like && !std::holds_alternative<PointSpec>(like->x))
    throw DataError("data: '" + source.computed + "' holds points of the plane, which this run is not of");
  const Mixture mixture = mixture_of(source.computed);
  if (split == Split::kTest) return std::make_unique<PointSet>(points_of(mixture, kTest, "test"));
  const Tensor rows = torch::tensor(rows_of(split, kTrain, options));
  return std::make_unique<PointSet>(points_of(mixture, kTrain, "train").index_select(0, rows));
}

DataReport report(const Source&, const DataOptions& options) {
  const int64_t validation = validation_size(kTrain, options);
  return {
      .train = kTrain - validation, .validation = validation, .test = kTest, .sizes = {{"2 numbers", kTrain + kTest}}};
}

}  // namespace

Mixture mixture_of(const std::string& name) {
  std::vector<Tensor> centres;
  if (name == "ring") {
    for (int i = 0; i < 8; ++i) {
      const double angle = i * std::numbers::pi / 4;
      centres.push_back(torch::tensor({2 * std::cos(angle), 2 * std::sin(angle)}));
    }
  } else {
    for (int row = -2; row <= 2; ++row)
      for (int column = -2; column <= 2; ++column) centres.push_back(torch::tensor({2. * column, 2. * row}));
  }
  return {.centres = torch::stack(centres).to(torch::kFloat)};
}

const Format kPoints{.kind = "points", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
