#include "figment/data/stored_batch.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

/// Every kind there is, and one that figment only carries.
DataSpec everything() {
  return {
      .x = PixelSpec{.channels = 1, .height = 4, .width = 4},
      .condition = made_condition_spec({"labels", "text", "image", "audio", "layout", "embedding", "codes", "gaze"})};
}

std::string sentence_of(TensorMap tensors, const DataSpec& spec) {
  try {
    from_file({.tensors = std::move(tensors)}, spec, "x.safetensors");
  } catch (const DataError& error) { return error.what(); }
  return "no error";
}

TEST(StoredBatch, EveryKindOfConditionTravelsThroughAFile) {
  const DataSpec spec = everything();
  const Batch batch = made_batch(spec, 5, 1);
  const TensorMap stored = to_tensors(batch);
  EXPECT_EQ(stored.size(), 15u) << "x, 2 labels, 2 + 1 + 2 + 3 + 1 + 1 of the kinds, 2 of gaze, and nothing twice";
  const Batch again = from_file(from_safetensors(to_file(batch), "x"), spec, "x.safetensors");
  EXPECT_EQ(to_tensors(again).size(), stored.size());
  for (const auto& [name, tensor] : to_tensors(again)) EXPECT_TRUE(tensor.equal(stored.at(name))) << name;
}

TEST(StoredBatch, CodesOf32BitsBecome64) {
  const DataSpec spec{.x = CodeSpec{.num_codes = 4, .height = 2, .width = 2}};
  const Batch batch = from_file({.tensors = {{"x", torch::tensor({{{0, 1}, {2, 3}}}, torch::kInt)}}}, spec, "x");
  EXPECT_EQ(batch.x.scalar_type(), torch::kLong);
}

TEST(StoredBatch, EachKindOfDamageGetsItsSentence) {
  const DataSpec spec = everything();
  const TensorMap good = to_tensors(made_batch(spec, 5, 1));
  const auto with = [&](const std::string& name, const Tensor& t) {
    TensorMap changed = good;
    changed[name] = t;
    return sentence_of(changed, spec);
  };
  const auto without = [&](const std::string& name) {
    TensorMap changed = good;
    changed.erase(name);
    return sentence_of(changed, spec);
  };
  EXPECT_EQ(sentence_of(good, spec), "no error");
  EXPECT_THAT(without("x"), HasSubstr("x.safetensors: holds no tensor 'x'"));
  EXPECT_THAT(without("text.mask"), HasSubstr("holds no tensor 'text.mask'"));
  EXPECT_THAT(without("others.gaze.mask"), HasSubstr("holds no tensor 'others.gaze.mask'"));
  EXPECT_THAT(with("labels.0", torch::full({5}, 3)), HasSubstr("'labels.0' must hold numbers in [0, 3), got 3 to 3"));
  EXPECT_THAT(with("labels.0", torch::zeros({4}, torch::kLong)), HasSubstr("'labels.0' must be"));
  EXPECT_THAT(with("codes.0", torch::full({5, 2, 2}, -1)), HasSubstr("must hold numbers in [0, 7), got -1 to -1"));
  EXPECT_THAT(with("image", torch::zeros({5, 1, 16, 16})), HasSubstr("'image' must be Float [5, 3, 16, 16]"));
  EXPECT_THAT(with("others.gaze.mask", torch::zeros({4, 4})),
              HasSubstr("must have 5 rows, one for each example, got 4"));
  EXPECT_THAT(with("more", torch::zeros({5})), HasSubstr("holds a tensor 'more' that the data set does not have"));
}

TEST(StoredBatch, AChangedByteIsNoticedAndAFileOfAnOlderFigmentIsTaken) {
  const DataSpec spec{.x = PixelSpec{.channels = 1, .height = 2, .width = 2}};
  const Batch batch = made_batch(spec, 3, 1);
  const std::string good = to_file(batch);
  for (size_t at = 8; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = char(damaged[at] ^ 1);
    EXPECT_THROW(from_file(from_safetensors(damaged, "x"), spec, "x"), Error) << "byte " << at;
  }
  const Batch old = from_file(from_safetensors(to_safetensors(to_tensors(batch)), "x"), spec, "x");
  EXPECT_TRUE(old.x.equal(batch.x));
}

}  // namespace
}  // namespace figment
