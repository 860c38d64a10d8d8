#include "figment/data/conform.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

const std::vector<Attribute> kOwn = {{.labels = {.name = "class", .names = {"boot", "bag"}}},
                                     {.labels = {.name = "colour", .names = {"red", "blue"}}}};

DataSpec with_labels(std::vector<LabelSpec> labels) {
  DataSpec spec;
  spec.condition.labels = std::move(labels);
  return spec;
}

TEST(Conformed, AttributesAreFoundByNameAndNumberedAsTheRunHasThem) {
  const DataSpec like =
      with_labels({{.name = "colour", .names = {"blue", "green", "red"}}, {.name = "class", .names = {"bag", "boot"}}});
  const auto all = conformed(kOwn, {.like = &like}, "here");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].labels.name, "colour");
  EXPECT_EQ(all[0].own, 1u);
  EXPECT_THAT(all[0].number_of, ElementsAre(2, 0));
  EXPECT_EQ(all[1].own, 0u);
  EXPECT_THAT(all[1].number_of, ElementsAre(1, 0));
}

TEST(Conformed, WithoutASpecTheyStayAsTheyAre) {
  const auto all = conformed(kOwn, {}, "here");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[1].labels.names, ElementsAre("red", "blue"));
  EXPECT_THAT(all[1].number_of, ElementsAre(0, 1));
}

TEST(Conformed, WhatTheRunHasNotIsDroppedAndASetWithoutStaysWithout) {
  const DataSpec none = with_labels({}), one = with_labels({{.name = "class", .names = {"bag", "boot"}}});
  EXPECT_THAT(conformed(kOwn, {.like = &none}, "here"), IsEmpty());
  EXPECT_EQ(conformed(kOwn, {.like = &one}, "here").size(), 1u);
  EXPECT_THAT(conformed({}, {.like = &one}, "here"), IsEmpty());
}

TEST(Conformed, WhatTheSetLacksOrTheRunDoesNotKnowIsNamed) {
  const DataSpec shape = with_labels({{.name = "shape", .names = {"round"}}}),
                 bags = with_labels({{.name = "class", .names = {"boots", "bag"}}});
  EXPECT_THAT(
      [&] { conformed(kOwn, {.like = &shape}, "here"); },
      ThrowsMessage<DataError>("here: the run's data have the attribute 'shape', these have none of that name"));
  EXPECT_THAT([&] { conformed(kOwn, {.like = &bags}, "here"); },
              ThrowsMessage<DataError>("here: the run does not know the class 'boot'; did you mean 'boots'?"));
}

TEST(Conformed, AClassThatTheRunDoesNotKnowIsLeftOutAndSaidWhereTheModelIsNotGivenIt) {
  const DataSpec like =
      with_labels({{.name = "class", .names = {"boat", "bag"}}, {.name = "colour", .names = {"red", "blue"}}});
  std::vector<std::string> notes;
  const auto all = conformed(kOwn, {.like = &like, .may_lack_classes = true, .notes = &notes}, "here");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].labels.name, "colour");
  EXPECT_THAT(notes, ElementsAre("here: the run does not know the class 'boot'; did you mean 'boat'? (the model is not "
                                 "given it, so the images are taken without)"));
}

TEST(Conformed, NamesNeedNoCapitalsWhereOneAloneFits) {
  const DataSpec like = with_labels({{.name = "class", .names = {"Bag", "BOOT", "bag"}}});
  EXPECT_THAT(conformed(kOwn, {.like = &like}, "here")[0].number_of, ElementsAre(1, 2));
  EXPECT_EQ(number_of_name("BAG", {"Bag", "bag"}), std::nullopt) << "both fit";
  EXPECT_EQ(number_of_name("ÉTÉ", {"hiver", "été"}), 1);
  EXPECT_EQ(number_of_name("e\u0301te\u0301", {"hiver", "été"}), 1) << "written with accents apart";
}

TEST(Conformed, NumberedClassesTakeOverTheNamesOfTheRun) {
  const DataSpec like = with_labels({{.names = {"shirt", "bag", "boot"}}});
  const auto all = conformed({{.labels = {.names = {"0", "1"}}, .numbered = true}}, {.like = &like}, "here");
  EXPECT_THAT(all[0].labels.names, ElementsAre("shirt", "bag", "boot"));
  EXPECT_THAT(all[0].number_of, ElementsAre(0, 1));
}

TEST(ExpectKinds, NamesTheKindThatIsMissing) {
  DataSpec like;
  like.condition.labels = {LabelSpec{}};
  EXPECT_NO_THROW(expect_kinds({}, &like, "here"));
  like.condition.others["gesture"] = {};
  EXPECT_THAT([&] { expect_kinds({}, &like, "here"); },
              ThrowsMessage<DataError>("here: the run's images come with gesture, these have none"));
  EXPECT_NO_THROW(expect_kinds(like.condition, &like, "here"));
}

TEST(TargetPixels, OfARunThatCropsAreThoseBeforeTheCrop) {
  const PixelSpec own{.channels = 3, .height = 40, .width = 30};
  const DataSpec like{.x = PixelSpec{.channels = 1, .height = 24, .width = 24}};
  DataOptions options;
  EXPECT_EQ(target_pixels(own, options, &like).height, 24);
  options.crop = 24;
  EXPECT_FALSE(extents_known(options, &like));
  EXPECT_EQ(target_pixels(own, options, &like).height, 40);
  EXPECT_EQ(target_pixels(own, options, &like).channels, 1);
  options.size = 28;
  EXPECT_TRUE(extents_known(options, &like));
  EXPECT_EQ(target_pixels(own, options, &like).height, 28);
  options.crop = 20;
  EXPECT_THAT([&] { target_pixels(own, options, &like); },
              ThrowsMessage<DataError>("data.crop is 20, the run's images are 24 x 24; leave data.crop at 0"));
}

}  // namespace
}  // namespace figment
