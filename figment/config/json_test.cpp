#include "figment/config/json.h"

#include <gmock/gmock.h>

#include "figment/config/test_settings.h"
#include "tests/mutate.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string complaint(std::string_view text) {
  try {
    from_json<TestSettings>(parse_json(text, "x.json"), "model");
    return "";
  } catch (const ConfigError& error) { return error.what(); }
}

TEST(Json, WhatIsWrittenIsReadBack) {
  const TestSettings settings{.on = true,
                              .count = 99,
                              .beta = 0.1,
                              .word = "gr\xc3\xbc\xc3\x9f",
                              .sizes = {4},
                              .tags = {"b"},
                              .colour = Colour::kBlue,
                              .inner = {.width = 1, .rate = 3}};
  const Json json = to_json(settings);
  EXPECT_EQ(json.dump(), R"({"on":true,"count":99,"beta":0.1,"word":"grüß","sizes":[4],"tags":["b"],"colour":"blue",)"
                         R"("inner":{"width":1,"rate":3.0}})");
  EXPECT_EQ(to_json(from_json<TestSettings>(parse_json(json.dump(), "x"), "x")), json);
}

TEST(Json, WhatIsNotNamedKeepsItsDefault) {
  const auto settings = from_json<TestSettings>(parse_json(R"({"beta": 2, "count": 5.0})", "x"), "x");
  EXPECT_EQ(settings.beta, 2.0);
  EXPECT_EQ(settings.count, 5);
  EXPECT_EQ(settings.inner.width, 16);
}

TEST(Json, MistakesAreSentences) {
  EXPECT_EQ(complaint(R"({"cuont": 1})"), "model: unknown key 'cuont'; did you mean 'count'?");
  EXPECT_EQ(complaint(R"({"inner": {"width": 65}})"), "model.inner: 'width' must be between 1 and 64, got 65");
  EXPECT_EQ(complaint(R"({"inner": 3})"), "model.inner: must be an object, got 3");
  EXPECT_EQ(complaint(R"({"colour": "bleu"})"),
            "model: 'colour' must be one of red and blue, got 'bleu'; did you mean 'blue'?");
  EXPECT_EQ(complaint(R"({"sizes": [0]})"), "model: 'sizes' must be between 1 and 9, got 0");
  EXPECT_EQ(complaint(R"({"on": 1})"), "model: 'on' must be of type boolean, got 1");
  EXPECT_EQ(complaint(R"({"word": 1})"), "model: 'word' must be of type text, got 1");
  EXPECT_EQ(complaint(R"({"tags": "a"})"), "model: 'tags' must be of type texts, got \"a\"");
  EXPECT_EQ(complaint(R"({"colour": 1})"), "model: 'colour' must be of type choice, got 1");
  EXPECT_EQ(complaint(R"({"count": 13})"), "model: 'count' must not be 13");
  EXPECT_EQ(complaint("[]"), "model: must be an object, got []");
}

TEST(Json, NumbersAreNeitherCutNorWrapped) {
  EXPECT_EQ(complaint(R"({"count": 1.5})"), "model: 'count' must be of type integer, got 1.5");
  EXPECT_EQ(complaint(R"({"count": true})"), "model: 'count' must be of type integer, got true");
  EXPECT_EQ(complaint(R"({"count": 18446744073709551617})"),
            "model: 'count' must be of type integer, got 1.8446744073709552e+19");
  EXPECT_EQ(complaint(R"({"count": 18446744073709551615})"),
            "model: 'count' must be of type integer, got 18446744073709551615");
  EXPECT_EQ(complaint(R"({"sizes": [1, 2.5]})"), "model: 'sizes' must be of type integers, got 2.5");
  EXPECT_EQ(complaint(R"({"beta": "1"})"), "model: 'beta' must be of type number, got \"1\"");
}

TEST(Json, WhatIsNoJsonIsNamedWithItsPlace) {
  EXPECT_EQ(complaint("{\"a\": }"), "x.json: is no JSON at byte 7");
  EXPECT_EQ(complaint(""), "x.json: is no JSON at byte 1");
  EXPECT_EQ(complaint("{\"beta\": 1e999}"), "x.json: holds a number too large for JSON");
  EXPECT_THAT(complaint("{\"word\": \"\xff\"}"), HasSubstr("is no JSON at byte"));
}

TEST(Json, DepthAndLengthAreLimited) {
  const std::string open(300000, '['), close(300000, ']');
  EXPECT_EQ(complaint("{\"word\": " + open + close + "}"), "x.json: is nested deeper than 64 levels");
  EXPECT_LT(complaint("{\"count\": \"" + std::string(100000, 'x') + "\"}").size(), 200u);
}

TEST(Json, LongTextIsRefusedBeforeItIsParsed) {
  EXPECT_THAT(complaint(std::string((size_t(64) << 20) + 1, ' ')), HasSubstr("x.json: has 67,108,865 bytes; at most"));
}

TEST(Json, AWholeNumberFitsOrIsNone) {
  const auto integer = [](const char* text) { return integer_of(parse_json(text, "x")); };
  EXPECT_EQ(integer("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(integer("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(integer("5.0"), 5);
  for (const char* none :
       {"9223372036854775808", "18446744073709551615", "1e300", "-1e300", "0.5", "true", "\"1\"", "[1]"})
    EXPECT_EQ(integer(none), std::nullopt) << none;
  EXPECT_EQ(spoken(parse_json("18446744073709551615", "x")), "1.845e+19") << "not -1";
}

TEST(Json, EveryTextCanBeWritten) {
  EXPECT_EQ(json_text({{"name", "caf\xe9"}, {"k\xff", {"ok", "\xfe"}}}),
            R"({"name":"caf\\xe9","k\\xff":["ok","\\xfe"]})");
  EXPECT_EQ(json_text({{"name", "gr\u00fc\u00df \x1b"}}), "{\"name\":\"gr\u00fc\u00df \\u001b\"}") << "without loss";
}

TEST(Json, TheSchemaTellsEverything) {
  const Json schema = schema_json<TestSettings>();
  ASSERT_EQ(schema.size(), 8u);
  EXPECT_EQ(schema[1].dump(),
            R"({"name":"count","doc":"a number","type":"integer","default":3,"least":1.0,"most":100.0})");
  EXPECT_EQ(schema[6].dump(),
            R"({"name":"colour","doc":"a choice","type":"choice","default":"red","choices":["red","blue"]})");
  EXPECT_EQ(schema[7]["type"], "table");
  EXPECT_EQ(schema[7]["fields"][0]["default"], 16);  // the outer struct's initialiser
  std::vector<std::string> types;
  for (const Json& row : schema) types.push_back(row["type"]);
  EXPECT_THAT(types, ElementsAre("boolean", "integer", "number", "text", "integers", "texts", "choice", "table"));
}

/// What the fuzz target json_fuzz does.
TEST(Json, SurvivesAnyByteChange) {
  std::mt19937 random(9);
  const std::string text = to_json(TestSettings{}).dump();
  for (int i = 0; i < 4000; ++i) try {
      to_json(from_json<TestSettings>(parse_json(mutated(text, random), "x"), "x"));
    } catch (const ConfigError&) {}
}

}  // namespace
}  // namespace figment
