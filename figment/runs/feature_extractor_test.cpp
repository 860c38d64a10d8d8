// What needs no trained classifier; the rest is tested by tests/feature_extractor_test.cpp.
#include "figment/runs/feature_extractor.h"

#include <gmock/gmock.h>

#include "figment/data/column_set.h"
#include "figment/runs/test_parts.h"
#include "tests/made_data.h"

namespace figment {
namespace {

/// Draws the picture that it is given.
struct Copies : IdleModel, Samples {
  ConditionSpec takes() const override { return {.image = PixelSpec{.channels = 1, .height = 2, .width = 2}}; }
  Tensor sample(const SampleRequest& request) override { return request.condition.image; }
};
/// Its features are the pixels.
struct Pixels : IdleModel, EmbedsImages {
  Tensor embed(const Tensor& x) override { return x.flatten(1); }
};

TEST(SampleDistance, AModelThatTakesAPictureIsGivenThatOfEachRealImage) {
  const DataSpec spec{.x = PixelSpec{.channels = 1, .height = 2, .width = 2},
                      .condition = {.image = PixelSpec{.channels = 1, .height = 2, .width = 2}}};
  Batch pairs = made_batch(spec, 300, 1);
  pairs.condition.image = pairs.x;  // so that what is drawn is what is real
  const ColumnSet real(spec, {std::make_shared<RowsColumn>(pairs)}, all_rows(300));
  Copies copies;
  const LoadedRun extractor = run_of(std::make_unique<Pixels>());
  EXPECT_NEAR(sample_distance(copies, extractor, real).value(), 0, 1e-6);
}

}  // namespace
}  // namespace figment
