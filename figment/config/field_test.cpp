#include "figment/config/field.h"

#include <gmock/gmock.h>

#include "figment/config/test_settings.h"

namespace figment {

struct Forgets {
  int64_t first = 1, second = 2;
  static constexpr auto schema() { return fields(field<&Forgets::first>("")); }
};
struct Repeats {
  int64_t first = 1, second = 2;
  static constexpr auto schema() { return fields(field<&Repeats::first>(""), field<&Repeats::first>("")); }
};

namespace {

static_assert(!complete<Forgets>());
static_assert(!complete<Repeats>());
static_assert(member_count<TestSettings>() == 8);
static_assert(name_of<&TestInner::width>() == "width");

TEST(Fields, RowsReadAndWriteTheirMembers) {
  TestSettings settings;
  const auto& rows = kFields<TestSettings>;
  EXPECT_EQ(rows[1].name, "count");
  EXPECT_EQ(rows[1].doc, "a number");
  EXPECT_EQ(rows[1].range.least, 1);
  EXPECT_EQ(std::get<int64_t>(rows[1].get(&settings)), 3);
  rows[1].set(&settings, Value(int64_t(8)));
  EXPECT_EQ(settings.count, 8);
  EXPECT_EQ(rows[1].member(&settings), &settings.count);
}

TEST(Fields, EnumsAreTheirWords) {
  TestSettings settings;
  const Field& row = kFields<TestSettings>[6];
  EXPECT_THAT(row.choices, testing::ElementsAre("red", "blue"));
  EXPECT_EQ(std::get<std::string>(row.get(&settings)), "red");
  row.set(&settings, Value(std::string("blue")));
  EXPECT_EQ(settings.colour, Colour::kBlue);
}

TEST(Fields, TablesNest) {
  TestSettings settings;
  const Field& row = kFields<TestSettings>[7];
  ASSERT_NE(row.fields, nullptr);
  EXPECT_EQ(row.fields().size(), 2u);
  EXPECT_EQ(std::get<int64_t>(row.fields()[0].get(row.member(&settings))), 16);
}

}  // namespace
}  // namespace figment
