#include "figment/data/point_set.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "figment/base/error.h"
#include "figment/data/column_set.h"
#include "figment/data/conform.h"
#include "figment/tensor/noise.h"

namespace figment {
namespace {

constexpr int64_t kTrain = 50000, kTest = 10000;

/// Point i of a split is the same in every run: its mode and its place are numbers of two streams of its own. (Of one,
/// its place would depend on its mode.)
Tensor points_of(const Mixture& mixture, int64_t count, std::string_view purpose) {
  std::vector<int64_t> seeds(static_cast<size_t>(count));
  std::iota(seeds.begin(), seeds.end(), 0);
  const Tensor modes = seeded_uniform(seeds, 1, std::string(purpose) + "/mode").flatten();
  const Tensor which = (modes * double(mixture.centres.size(0))).to(torch::kLong);
  return mixture.centres.index_select(0, which) + mixture.deviation * seeded_normal(seeds, 2, purpose);
}

bool recognises(const Source& source, const DataOptions&) { return !source.computed.empty(); }

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  if (opening.like && !std::holds_alternative<PointSpec>(opening.like->x))
    throw DataError("data: '" + source.computed + "' holds points of the plane, but the run was trained on other data");
  expect_kinds({}, opening.like, "data: '" + source.computed + "'");
  const Mixture mixture = mixture_of(source.computed);
  Datasets sets;
  for (const Split split : splits) {
    std::vector<Tensor> parts;
    if (split != Split::kTest) parts.push_back(points_of(mixture, kTrain, "train"));
    if (split == Split::kTest || split == Split::kAll) parts.push_back(points_of(mixture, kTest, "test"));
    const Tensor points = torch::cat(parts);
    const bool whole = split == Split::kTest || split == Split::kAll;
    const std::vector<std::shared_ptr<const Column>> columns = {std::make_shared<RowsColumn>(Batch{.x = points})};
    sets.push_back(std::make_unique<ColumnSet>(DataSpec{.x = PointSpec{.numbers = points.size(1)}}, columns,
                                               whole ? all_rows(points.size(0)) : rows_of(split, kTrain, options)));
  }
  return sets;
}

DataReport report(const Source&, const DataOptions& options, const Progress&) {
  const int64_t validation = validation_size(kTrain, options);
  return {.train = kTrain - validation,
          .validation = validation,
          .test = kTest,
          .sizes = {{"2 coordinates", kTrain + kTest}}};
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

const Format kPoints{.kind = "points",
                     .recognises = recognises,
                     .open = open,
                     .report = report,
                     .without = {"size", "crop", "channels", "flip", "strict", "repeat_links", "range"}};

}  // namespace figment
