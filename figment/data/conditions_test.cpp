#include "figment/data/conditions.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/data/test_folder.h"
#include "figment/tensor/images.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

const ConditionSpec kTwoLabels = made_condition_spec({"labels"});  // class: a b c; colour: red blue

std::vector<int64_t> numbers(const Tensor& t) {
  const Tensor flat = t.to(torch::kLong).contiguous();
  return {flat.data_ptr<int64_t>(), flat.data_ptr<int64_t>() + flat.numel()};
}

std::string sentence_of(const ConditionSpec& takes, const std::vector<Given>& given) {
  try {
    Conditions(takes, given, {}, "sample: toy").rows(0, 1);
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(Conditions, GoThroughAllCombinationsOfLabelsTheClassFirst) {
  const Condition c = Conditions(kTwoLabels, {}, {}, "x").rows(4, 4);
  EXPECT_EQ(numbers(c.labels[0]), (std::vector<int64_t>{1, 2, 0, 1}));
  EXPECT_EQ(numbers(c.labels[1]), (std::vector<int64_t>{1, 1, 0, 0}));
}

TEST(Conditions, WhatIsGivenHoldsForAllAndTheRestIsTakenInTurn) {
  const Condition c = Conditions(kTwoLabels, {{"class", "b"}}, {}, "x").rows(0, 3);
  EXPECT_EQ(numbers(c.labels[0]), (std::vector<int64_t>{1, 1, 1}));
  EXPECT_EQ(numbers(c.labels[1]), (std::vector<int64_t>{0, 1, 0}));
}

TEST(Conditions, WhatIsGivenSeveralTimesIsTakenInTurn) {
  const Conditions all(kTwoLabels, {{"class", "2"}, {"colour", "blue"}, {"class", "a"}}, {}, "x");
  EXPECT_EQ(numbers(all.rows(1, 3).labels[0]), (std::vector<int64_t>{0, 2, 0}));
  EXPECT_EQ(numbers(all.rows(1, 3).labels[1]), (std::vector<int64_t>{1, 1, 1}));
}

TEST(Conditions, ANameFitsWithoutRegardToCaseWhereOnlyOneDoes) {
  const ConditionSpec shoes{.labels = {LabelSpec{.names = {"Sandal", "Ankle boot", "BAG", "bag"}}}};
  const auto number = [&](const char* word) {
    return numbers(Conditions(shoes, {{"class", word}}, {}, "x").rows(0, 1).labels[0]).front();
  };
  EXPECT_EQ(number("sandal"), 0);
  EXPECT_EQ(number("ankle BOOT"), 1);
  EXPECT_EQ(number("bag"), 3) << "exactly";
  EXPECT_THAT(sentence_of(shoes, {{"class", "Bag"}}), HasSubstr("there is no class 'Bag'"));
  EXPECT_THAT(sentence_of(shoes, {{"class", "boot"}}), HasSubstr("did you mean 'Ankle boot'?"));
  EXPECT_THAT(sentence_of(shoes, {{"class", "BOOT"}}), HasSubstr("did you mean 'Ankle boot'?"));
}

TEST(Conditions, TheWordClassMeansTheFirstAttributeWhateverItsName) {
  const ConditionSpec colours{.labels = {LabelSpec{.name = "colour", .names = {"red", "blue"}}}};
  EXPECT_EQ(numbers(Conditions(colours, {{"class", "blue"}}, {}, "x").rows(0, 1).labels[0]), std::vector<int64_t>{1});
}

TEST(Conditions, OfOtherKindsImageIGetsExampleIWithTheLabelThatBelongsToIt) {
  const ConditionSpec takes = made_condition_spec({"labels", "layout"});
  const Condition examples = made_batch({.condition = takes}, 3, 1).condition;
  const Condition c = Conditions(takes, {}, examples, "x").rows(2, 3);
  const Tensor expected = torch::tensor({2, 0, 1});
  const Condition wanted = rows_at(examples, expected);
  each_tensor(wanted, [&](const std::string& name, const Tensor& want) {
    each_tensor(c, [&](const std::string& other, const Tensor& got) {
      if (name == other && want.defined()) { EXPECT_TRUE(got.equal(want)) << name; }
    });
  });
}

using ConditionsOfFiles = FolderTest;

TEST_F(ConditionsOfFiles, TheRangeOfTheDataHoldsForAGivenPicture) {
  write("mask.png", encode_png({.width = 2, .height = 1, .channels = 1, .pixels = {0, 1}}));
  const ConditionSpec takes{.image = PixelSpec{.height = 1, .width = 2}};
  const std::vector<Given> given = {{"image", (folder / "mask.png").string()}};
  const Tensor plain = Conditions(takes, given, {}, "x").rows(0, 1).image,
               stretched = Conditions(takes, given, {}, "x", ValueRange{0, 1}).rows(0, 1).image;
  EXPECT_LT(plain.max().item<float>(), -0.98);
  EXPECT_EQ(stretched.max().item<float>(), 1);
  EXPECT_EQ(stretched.min().item<float>(), -1);
}

TEST_F(ConditionsOfFiles, APictureIsReadFromItsFileAtTheSizeThatTheModelTakes) {
  const ConditionSpec takes{.image = PixelSpec{.channels = 1, .height = 2, .width = 2}};
  write("x.png", encode_png({.width = 4, .height = 2, .channels = 1, .pixels = {0, 0, 255, 255, 0, 0, 255, 255}}));
  const Condition c = Conditions(takes, {{"image", (folder / "x.png").string()}}, {}, "x").rows(0, 2);
  ASSERT_EQ(c.image.sizes(), torch::IntArrayRef({2, 1, 2, 2}));
  EXPECT_TRUE(c.image[0].equal(c.image[1]));
  EXPECT_FLOAT_EQ(c.image[0][0][0][0].item<float>(), -1);
  EXPECT_FLOAT_EQ(c.image[0][0][0][1].item<float>(), 1);
}

TEST(Conditions, AnswerWrongWordsInASentence) {
  EXPECT_THAT(sentence_of(kTwoLabels, {{"class", "boot"}}),
              HasSubstr("there is no class 'boot'; known are a, b and c"));
  EXPECT_THAT(sentence_of(kTwoLabels, {{"class", "3"}}), HasSubstr("there is no class '3'"));
  EXPECT_THAT(sentence_of(kTwoLabels, {{"colour", "bleu"}}),
              HasSubstr("there is no colour 'bleu'; did you mean 'blue'?"));
  EXPECT_THAT(sentence_of(kTwoLabels, {{"image", "x.png"}}),
              HasSubstr("sample: toy takes no image; it takes class and colour"));
  EXPECT_EQ(sentence_of({}, {{"class", "a"}}), "sample: toy takes no class");
  EXPECT_THAT(sentence_of(made_condition_spec({"text"}), {}),
              HasSubstr("sample: toy takes text with each image; none is given and the run keeps no examples of it"));
}

}  // namespace
}  // namespace figment
