#include "figment/config/rules.h"

#include <gmock/gmock.h>

#include "figment/config/json.h"
#include "figment/config/table.h"
#include "figment/config/test_settings.h"

namespace figment {

struct DecidedByAStranger {
  int64_t one = 1;
  static constexpr auto schema() {
    return fields(field<&DecidedByAStranger::one>("").used_when<&TestUses::depth>(Above{0}));
  }
};

namespace {

static_assert(!complete<DecidedByAStranger>());

const Field& row_of(std::string_view name) { return *std::ranges::find(kFields<TestUses>, name, &Field::name); }

std::string complaint(std::string_view text) {
  try {
    read<TestUses>(Table::parse(text, "r.toml"));
    return "";
  } catch (const ConfigError& error) { return error.what(); }
}

std::string json_complaint(std::string_view text) {
  try {
    from_json<TestUses>(parse_json(text, "x"), "model");
    return "";
  } catch (const ConfigError& error) { return error.what(); }
}

TEST(Rules, ASettingThatNothingReadsIsRefusedWithItsPlaceItsUseAndWhatToDo) {
  EXPECT_EQ(complaint("only_blue = 11"),
            "r.toml:1:13: 'only_blue' has no effect here: it is used only where colour is blue; leave 'only_blue' out "
            "(its default is 10), or change colour");
  EXPECT_EQ(json_complaint(R"({"only_blue": 11})"),
            "model: 'only_blue' has no effect here: it is used only where colour is blue; leave 'only_blue' out "
            "(its default is 10), or change colour");
  EXPECT_EQ(complaint("colour = 'blue'\nonly_blue = 11"), "");
  EXPECT_EQ(complaint("only_blue = 11\ncolour = 'blue'"), "");  // the order does not matter
  EXPECT_EQ(json_complaint(R"({"only_blue": 11, "colour": "blue"})"), "");
}

TEST(Rules, DefaultsAreNeverRefused) {  // a resolved recipe writes them all
  EXPECT_EQ(complaint("only_blue = 10\neither = 0.5\n[inner]\nwidth = 16"), "");
  Table all;
  write(all, "", TestUses{});
  EXPECT_EQ(complaint(all.toml()), "");
  EXPECT_EQ(json_complaint(to_json(TestUses{}).dump()), "");
}

TEST(Rules, ATableIsRefusedByTheFirstOfItsSettings) {
  EXPECT_EQ(complaint("depth = 1\n[inner]\nrate = 3\nwidth = 8"),  // 8 is the inner struct's default, not the outer's
            "r.toml:4:9: 'inner.width' has no effect here: [inner] is used only where depth is above 1; leave "
            "'inner.width' out (its default is 16), or change depth");
  EXPECT_EQ(complaint("depth = 2\n[inner]\nrate = 3"), "");
}

TEST(Rules, OneCaseThatHoldsIsEnough) {
  EXPECT_EQ(
      complaint("either = 1"),
      "r.toml:1:10: 'either' has no effect here: it is used only where depth is above 0, or rate is above 0.5 and "
      "in effect; leave 'either' out (its default is 0.5), or change depth and rate");
  EXPECT_EQ(complaint("either = 1\ndepth = 1"), "");
  EXPECT_EQ(complaint("either = 1\nrate = 1\ncolour = 'blue'"), "");
}

TEST(Rules, WhatIsNotUsedMakesNothingElseUsed) {
  const TestUses red{.rate = 1}, blue{.colour = Colour::kBlue, .rate = 1};
  EXPECT_FALSE(is_used(row_of("either"), &red, kFields<TestUses>));
  EXPECT_TRUE(is_used(row_of("either"), &blue, kFields<TestUses>));
}

TEST(Rules, ANestedTableKeepsItsOwnRule) {
  EXPECT_EQ(complaint("[ordered]\nleast = 3"), "r.toml: in [ordered] 'least' must not exceed 'most'");
  EXPECT_EQ(json_complaint(R"({"ordered": {"least": 3}})"), "model.ordered: 'least' must not exceed 'most'");
  EXPECT_EQ(complaint("[ordered]\nleast = 3\nmost = 3"), "");
}

TEST(Rules, TheSchemaSaysWhenASettingIsUsed) {
  const Json schema = schema_json<TestUses>();
  EXPECT_FALSE(schema[0].contains("used_when"));
  EXPECT_EQ(schema[2]["used_when"].dump(), R"([{"setting":"depth","above":1.0}])");
  EXPECT_EQ(schema[3]["used_when"].dump(), R"([{"setting":"colour","values":["blue"]}])");
  EXPECT_EQ(schema[5]["used_when"].dump(), R"([{"setting":"depth","above":0.0},{"setting":"rate","above":0.5}])");
}

}  // namespace
}  // namespace figment
