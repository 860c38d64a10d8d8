#include "figment/config/table.h"

#include <gmock/gmock.h>

#include "figment/config/test_settings.h"
#include "tests/mutate.h"

namespace figment {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::ThrowsMessage;

/// The sentence that reading `text` ends in.
std::string complaint(std::string_view text) {
  try {
    read<TestSettings>(Table::parse(text, "r.toml"));
    return "";
  } catch (const ConfigError& error) { return error.what(); }
}

TEST(Table, WhatIsNotNamedKeepsItsDefault) {
  const auto settings = read<TestSettings>(Table::parse("count = 7", "r.toml"));
  EXPECT_EQ(settings.count, 7);
  EXPECT_EQ(settings.beta, 1.5);
  EXPECT_EQ(settings.inner.width, 16);  // the outer struct's, not the inner one's
  EXPECT_EQ(read<TestSettings>(Table()).word, "plain");
}

TEST(Table, EveryKindIsRead) {
  const auto settings = read<TestSettings>(Table::parse(R"(
on = true
count = 6e1
beta = 2
word = "a \"b\""
sizes = [3, 4, 5]
tags = ["x", "y"]
colour = "blue"
[inner]
width = 32
)",
                                                        "r.toml"));
  EXPECT_TRUE(settings.on);
  EXPECT_EQ(settings.count, 60);
  EXPECT_EQ(settings.beta, 2.0);
  EXPECT_EQ(settings.word, "a \"b\"");
  EXPECT_THAT(settings.sizes, ElementsAre(3, 4, 5));
  EXPECT_THAT(settings.tags, ElementsAre("x", "y"));
  EXPECT_EQ(settings.colour, Colour::kBlue);
  EXPECT_EQ(settings.inner.width, 32);
  EXPECT_EQ(settings.inner.rate, 2e-4);
}

TEST(Table, ASettingIsSpokenWithoutQuotes) {
  const Table table =
      Table::parse("f = 0.9\ni = 600000\na = 1e-8\nb = \"two \\\"words\\\"\"\nc = [1, 2]\n[d]\ne = 1\n", "recipe.toml");
  EXPECT_EQ(table.spoken("f"), "0.9");
  EXPECT_EQ(table.spoken("i"), "600000");
  EXPECT_EQ(table.spoken("a"), "1e-08");
  EXPECT_EQ(table.spoken("b"), "two \"words\"");
  EXPECT_EQ(table.spoken("c"), "[ 1, 2 ]");
  EXPECT_EQ(table.spoken("d"), "");
  EXPECT_EQ(table.spoken("missing"), "");
}

TEST(Table, EveryTextThatIsSetIsWrittenAsToml) {
  for (const std::string_view text : {"a\x7f\x1b\n\"b\"", "caf\xc3\xa9", "123", "\\xff' # [x]", "\\"}) {
    Table table;
    table.set_text("word", text);
    const std::string word = read<TestSettings>(Table::parse(table.toml(), "again")).word;
    EXPECT_EQ(word, text) << table.toml();
  }
}

/// Escaped, the name of a folder would be another folder's when the recipe is read back.
TEST(Table, ATextThatIsNoUtf8IsRefused) {
  Table table;
  const auto refused = ThrowsMessage<ConfigError>(HasSubstr("word=caf\\xe9: must be UTF-8, because recipes are"));
  EXPECT_THAT([&] { table.set_text("word", "caf\xe9"); }, refused);
  EXPECT_THAT([&] { table.set("word", "caf\xe9"); }, refused);
  EXPECT_THAT([&] { write(table, "model", TestSettings{.word = "caf\xe9"}); }, refused);
}

TEST(Table, LongTextIsRefusedBeforeItIsParsed) {
  EXPECT_THAT(complaint(std::string((size_t(1) << 20) + 1, '\n')), HasSubstr("r.toml: has 1,048,577 bytes; at most"));
}

TEST(Table, WhatIsWrittenIsReadBack) {
  TestSettings settings{.on = true,
                        .count = 99,
                        .beta = 0.1,
                        .word = "two\nlines \"quoted\" \\ gr\xc3\xbc\xc3\x9f",
                        .sizes = {},
                        .tags = {"", "b c"},
                        .colour = Colour::kBlue,
                        .inner = {.width = 1, .rate = 1e-300}};
  Table table;
  write(table, "model.deep", settings);
  const Table again = Table::parse(table.toml(), "r.toml");
  EXPECT_EQ(again.toml(), table.toml());
  const auto back = read<TestSettings>(again.child("model").child("deep"));
  EXPECT_EQ(back.on, settings.on);
  EXPECT_EQ(back.count, settings.count);
  EXPECT_EQ(back.beta, settings.beta);
  EXPECT_EQ(back.word, settings.word);
  EXPECT_EQ(back.sizes, settings.sizes);
  EXPECT_EQ(back.tags, settings.tags);
  EXPECT_EQ(back.colour, settings.colour);
  EXPECT_EQ(back.inner.width, settings.inner.width);
  EXPECT_EQ(back.inner.rate, settings.inner.rate);
}

TEST(Table, UnknownKeysAreNamedWithTheirPlace) {
  EXPECT_THAT(complaint("count = 1\ncuont = 2"),
              AllOf(StartsWith("r.toml:2:"), HasSubstr("unknown key 'cuont'; did you mean 'count'?")));
  EXPECT_THAT(complaint("\n[inner]\nrate = 1\nwidht = 2"),
              AllOf(StartsWith("r.toml:4:"), HasSubstr("unknown key 'widht' in [inner]; did you mean 'width'?")));
  EXPECT_THAT(complaint("zebra = 1"), HasSubstr("; known are on, count, beta"));
}

TEST(Table, WrongTypesAreNamedWithTheirPlace) {
  EXPECT_EQ(complaint("on = 1"), "r.toml:1:6: 'on' must be true or false, got 1");
  EXPECT_EQ(complaint("count = 1.5"), "r.toml:1:9: 'count' must be a whole number, got 1.5");
  EXPECT_EQ(complaint("count = '3'"), "r.toml:1:9: 'count' must be a whole number, got '3'");
  EXPECT_THAT(complaint("beta = true"), HasSubstr("'beta' must be a number, got true"));
  EXPECT_THAT(complaint("beta = nan"), HasSubstr("'beta' must be a number, got nan"));
  EXPECT_THAT(complaint("beta = inf"), HasSubstr("'beta' must be a number"));
  EXPECT_THAT(complaint("word = 3"), HasSubstr("'word' must be a word in quotes, got 3"));
  EXPECT_THAT(complaint("sizes = 3"), HasSubstr("'sizes' must be a list of whole numbers, got 3"));
  EXPECT_THAT(complaint("sizes = [1, 'a']"), HasSubstr("'sizes' must be a list of whole numbers"));
  EXPECT_THAT(complaint("tags = ['a', 1]"), HasSubstr("'tags' must be a list of words"));
  EXPECT_THAT(complaint("inner = 3"), HasSubstr("'inner' must be a table"));
  EXPECT_THAT(complaint("colour = 1"), HasSubstr("'colour' must be one of its words in quotes, got 1"));
  EXPECT_THAT(complaint("[inner]\n\nwidth = 'a'"), StartsWith("r.toml:3:9: 'width' in [inner] must be a whole number"));
}

TEST(Table, RangesAndChoicesAreChecked) {
  EXPECT_EQ(complaint("count = 0"), "r.toml:1:9: 'count' must be between 1 and 100, got 0");
  EXPECT_EQ(complaint("count = 1\nsizes = [1, 10]"), "r.toml:2:13: 'sizes' must be between 1 and 9, got 10");
  EXPECT_THAT(complaint("beta = -0.1"), HasSubstr("must be between 0 and 10, got -0.1"));
  EXPECT_THAT(complaint("colour = 'bleu'"),
              HasSubstr("'colour' must be one of red and blue, got 'bleu'; did you mean 'blue'?"));
  EXPECT_EQ(complaint("count = 100\nbeta = 10\nsizes = [1, 9]"), "");  // the ends belong to the range
  EXPECT_EQ(complaint("count = 13"), "r.toml: 'count' must not be 13");
}

TEST(Table, WhatIsNoTomlIsNamedWithItsPlace) {
  EXPECT_THAT(complaint("count = 1\nbeta = = 2"), StartsWith("r.toml:2:8: "));
  EXPECT_THAT(complaint("count = 1\ncount = 2"), StartsWith("r.toml:2:"));
  EXPECT_THAT(complaint("word = \"\xff\""), StartsWith("r.toml:1:"));
  EXPECT_THAT([] { Table::load("/none/r.toml"); }, ThrowsMessage<FileError>(HasSubstr("/none/r.toml")));
}

TEST(Table, DepthIsLimited) {  // tables are destroyed recursively
  std::string deep = "a";
  for (int i = 0; i < 300000; ++i) deep += ".a";
  EXPECT_THAT(complaint(deep + " = 1"), HasSubstr("nested"));
  EXPECT_THAT(complaint("[" + deep + "]"), HasSubstr("nested"));
  EXPECT_THAT(complaint(std::string(300000, '[')), StartsWith("r.toml:"));
  EXPECT_EQ(complaint("# " + std::string(500, '.')), "");
}

TEST(Table, SetReplacesAndMakesTables) {
  Table table = Table::parse("[model]\nbeta = 1\n[model.inner]\nwidth = 2", "r.toml");
  table.set("model.beta", "0.5");
  table.set("model.inner.width", "4");
  table.set("model.word", "bare");
  table.set("model.tags", "['a']");
  table.assign("data.source=/some/where=else");
  table.assign("seed=7");
  EXPECT_EQ(table.child("data").text_at("source"), "/some/where=else");
  EXPECT_TRUE(table.has("seed"));
  const auto settings = read<TestSettings>(table.child("model"));
  EXPECT_EQ(settings.beta, 0.5);
  EXPECT_EQ(settings.inner.width, 4);
  EXPECT_EQ(settings.word, "bare");
  EXPECT_THAT(settings.tags, ElementsAre("a"));
}

TEST(Table, MistakesOfSetAreNotBlamedOnTheFile) {
  Table table = Table::parse("beta = 1", "r.toml");
  table.assign("beta=much");
  EXPECT_THAT([&] { read<TestSettings>(table); },
              ThrowsMessage<ConfigError>(
                  AllOf(StartsWith("beta=much: 'beta' must be a number, got "), testing::Not(HasSubstr("r.toml")))));
  EXPECT_THAT([&] { table.assign("beta"); }, ThrowsMessage<ConfigError>(HasSubstr("write table.key=value")));
  EXPECT_THAT([&] { table.assign("=3"); }, ThrowsMessage<ConfigError>(HasSubstr("write table.key=value")));
  EXPECT_THAT([&] { table.assign("inner.=3"); }, ThrowsMessage<ConfigError>(HasSubstr("write table.key=value")));
  EXPECT_THAT([&] { table.assign("beta.x=3"); },
              ThrowsMessage<ConfigError>(HasSubstr("'beta' is a value, not a table")));
}

TEST(Table, CopiesAndChildrenRememberWhereTheyStood) {
  const Table table = Table::parse("[model]\n\ncount = 1000\n", "r.toml");
  const Table copy = table;
  EXPECT_THAT([&] { read<TestSettings>(copy.child("model")); },
              ThrowsMessage<ConfigError>(StartsWith("r.toml:3:9: 'count' in [model] must be between")));
}

TEST(Table, CopiesAreIndependent) {
  Table first = Table::parse("a = 1", "r.toml"), second = first;
  second.set("a", "2");
  second.set("b", "3");
  EXPECT_EQ(first.toml(), "a = 1\n");
  EXPECT_THAT(second.keys(), ElementsAre("a", "b"));
  second.erase("a");
  EXPECT_FALSE(second.has("a"));
  first = second;
  EXPECT_THAT(first.keys(), ElementsAre("b"));
}

TEST(Table, KeysBesideTheRowsMustBeAnnounced) {
  const Table table = Table::parse("id = 'vae'\ncount = 2", "r.toml");
  EXPECT_EQ(read<TestSettings>(table, {"id"}).count, 2);
  EXPECT_THROW(read<TestSettings>(table), ConfigError);
  EXPECT_EQ(table.text_at("id"), "vae");
  EXPECT_EQ(table.text_at("none"), std::nullopt);
  EXPECT_THROW(table.text_at("count"), ConfigError);
  EXPECT_THAT(table.child("none").keys(), IsEmpty());
}

/// What the fuzz target toml_fuzz does.
TEST(Table, SurvivesAnyByteChange) {
  std::mt19937 random(5);
  const std::string text =
      "on = true\ncount = 6e1\nword = \"a\"\nsizes = [3, 4]\ncolour = \"blue\"\n[inner]\nwidth = 32\nrate = 1.5\n";
  int read_well = 0;
  for (int i = 0; i < 4000; ++i) {
    Table out;
    try {
      write(out, "", read<TestSettings>(Table::parse(mutated(text, random), "r.toml")));
    } catch (const ConfigError&) { continue; }
    EXPECT_NO_THROW(read<TestSettings>(Table::parse(out.toml(), "again"))) << out.toml();
    ++read_well;
  }
  EXPECT_GT(read_well, 100);
}

TEST(Table, LettersBeyondAsciiStandInStringsAndCommentsAlone) {
  const Table table = Table::parse(
      "\xef\xbb\xbf# \xcb\xb1\na = \"\xcb\xb1\\\"\"\nb = '\xcb\xb1'\nc = \"\"\"\xcb\xb1\"\"\"\"\nd = 1\n", "x.toml");
  EXPECT_TRUE(table.has("d"));
  for (const char* wrong : {"\xcb\xb1", "a = \xcb\xb1", "a = \"\" \xcb\xb1", "a =  Ë±"})
    EXPECT_THROW(Table::parse(wrong, "x.toml"), ConfigError) << wrong;
}

/// Found by toml_fuzz: letters that toml++ meets where it does not expect them are undefined behaviour.
TEST(Table, LettersBeyondAsciiComeBackFromEveryKindOfString) {
  const std::string letter = "\xd0\x8a", emoji = "\xf0\x9f\x98\x80";
  const std::pair<std::string, std::string> strings[] = {
      {"\"" + letter + emoji + "\\n\"", letter + emoji + "\n"},    {"'C:\\" + letter + "\"'", "C:\\" + letter + "\""},
      {"\"\"\"x\\\n  " + letter + "\"\"\"", "x" + letter},         {"\"\"\"\n" + letter + "\"\"\"\"", letter + "\""},
      {"'''\n" + letter + "\\n\n''y'''''", letter + "\\n\n''y''"}, {"''", ""}};
  for (const auto& [written, meant] : strings)
    EXPECT_EQ(Table::parse("a = " + written + " # " + letter, "a.toml").spoken("a"), meant) << written;
  EXPECT_TRUE(Table::parse("[\"" + letter + "\"]\n'" + letter + "' = 1", "a.toml").has(letter));
  for (const char* text : {"0K.K=0!'on\xd0\x8a", "a = 1 '\xd0\x8a'", "t=0.\"-\xef\xbb\xb4~Ei",
                           "a = \"\"\"\"\\\xd0\xa3  \"\"\"", "a = \"\\\xd0\xa3\"", "a = \"\xff\""})
    EXPECT_THROW(Table::parse(text, "a.toml"), ConfigError) << text;
}

TEST(Table, WhatTheParserAssertsIsASentence) {
  EXPECT_THROW(Table::parse("[\x08", "x.toml"), ConfigError);
  EXPECT_THROW(Table::parse("a = [\x08", "x.toml"), ConfigError);
}

}  // namespace
}  // namespace figment
