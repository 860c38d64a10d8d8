#include "figment/contracts/spec.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

std::string complaint(const std::string& text) {
  try {
    data_spec_from_json(parse_json(text, "data.json"), "data.json");
    return "";
  } catch (const ConfigError& error) { return error.what(); }
}

TEST(DataSpec, EveryKindIsReadBackAsItWasWritten) {
  const DataSpec spec{
      .x = CodeSpec{.num_codes = 4, .height = 2, .width = 3},
      .condition = made_condition_spec({"labels", "text", "image", "audio", "layout", "embedding", "codes", "gaze"})};
  EXPECT_EQ(to_json(data_spec_from_json(to_json(spec), "data.json")), to_json(spec));
}

TEST(DataSpec, ExtentsThatNoMachineHoldsAreASentence) {
  EXPECT_EQ(complaint(R"({"pixels": {"channels": 1, "height": 65536, "width": 65536}, "condition": {}})"),
            "data.json: 'pixels' must say how large an example is, from 1 to 268,435,456 values, got 4,294,967,296");
  EXPECT_THAT(complaint(R"({"pixels": {"channels": 1}, "condition": {}})"), HasSubstr("values, got 0"));
  EXPECT_THAT(complaint(R"({"codes": {"height": 7, "width": 7}, "condition": {}})"), HasSubstr("'codes'"));
  const std::string x = R"({"points": {"numbers": 2}, "condition": )";
  EXPECT_EQ(complaint(x + "{}}"), "");
  EXPECT_THAT(complaint(x + R"({"image": {"channels": 4, "height": 65536, "width": 4096}}})"), HasSubstr("'image'"));
  EXPECT_THAT(complaint(x + R"({"codes": [{"num_codes": 2, "height": 65536, "width": 65536}]}})"),
              HasSubstr("'codes'"));
  EXPECT_THAT(complaint(x + R"({"embedding": {"size": 1000000, "max_tokens": 65536}}})"), HasSubstr("'embedding'"));
}

TEST(DataSpec, AListOfNamesHoldsOne) {
  const std::string x = R"({"points": {"numbers": 2}, "condition": )";
  EXPECT_THAT(complaint(x + R"({"labels": [{"name": "class", "names": []}]}})"), HasSubstr("at least one name"));
  EXPECT_THAT(complaint(x + R"({"text": {"vocabulary": [], "max_tokens": 3}}})"), HasSubstr("words in its vocabulary"));
  EXPECT_THAT(complaint(x + R"({"layout": {"names": [], "max_objects": 3}}})"), HasSubstr("names of objects"));
}

}  // namespace
}  // namespace figment
