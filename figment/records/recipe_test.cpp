#include "figment/records/recipe.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Table two_stages() {
  return Table::parse(R"(
stages = ["first", "second"]
[second]
parents = { codes = "first" }
[second.model]
id = "vae"
[first.model]
id = "vae"
latent = 7
)",
                      "two.toml");
}

template <class F>
std::string sentence_of(F&& f) {
  try {
    f();
  } catch (const ConfigError& error) { return error.what(); }
  return "nothing was thrown";
}

TEST(Recipe, MicroBatchesDivideTheBatch) {
  EXPECT_EQ(sentence_of([] {
              read_recipe(Table::parse("model.id = 'vae'\n[training]\nbatch_size = 8\nmicro_batches = 3", "r.toml"));
            }),
            "r.toml: in [training] micro_batches must divide batch_size, got 3 and 8");
}

TEST(Recipe, StagesKeepTheirOrderAndAPlainRecipeHasNone) {
  EXPECT_THAT(read_stages(two_stages()), ElementsAre("first", "second"));
  EXPECT_THAT(read_stages(Table::parse("model.id = 'vae'", "one.toml")), IsEmpty());
}

TEST(Recipe, SettingsReachIntoAStage) {
  Table table = two_stages();
  table.assign("first.model.latent=9");
  EXPECT_EQ(read_recipe(table.child("first")).settings.toml(),
            read_recipe(Table::parse("model = { id = 'vae', latent = 9 }", "x")).settings.toml());
}

TEST(Recipe, MistakesInStagesAreSentences) {
  Table missing = two_stages();
  missing.erase("first");
  EXPECT_THAT(sentence_of([&] { read_stages(missing); }), HasSubstr("there is no table [first]"));
  Table extra = two_stages();
  extra.set("thrid.model.id", "'vae'");
  EXPECT_THAT(sentence_of([&] { read_stages(extra); }), HasSubstr("unknown key 'thrid'"));
  Table circle = two_stages();
  circle.set("first.parents.codes", "'second'");
  EXPECT_THAT(sentence_of([&] { read_stages(circle); }), HasSubstr("'second' is trained later; put it before 'first'"));
  Table role = two_stages();
  role.set("second.parents.code", "'first'");
  EXPECT_THAT(sentence_of([&] { read_stages(role); }), HasSubstr("no role 'code'; did you mean 'codes'?"));
}

TEST(Recipe, AParentThatIsThereTakesTheStagesPlace) {
  const Table alone = with_parent(two_stages(), "codes", "runs/3");
  EXPECT_THAT(read_stages(alone), IsEmpty()) << "one stage is left: a plain recipe";
  EXPECT_THAT(read_recipe(alone).parents, ElementsAre(Pair("codes", "runs/3")));
  EXPECT_THAT(sentence_of([] { with_parent(Table::parse("stages = ['a']\na.model.id = 'vae'", "x"), "codes", "3"); }),
              HasSubstr("no stage of this recipe has a parent 'codes'"));
}

TEST(Recipe, WrittenOutItReadsBackAsItWas) {
  const Table table = map_stages(two_stages(), [](Table& recipe) { recipe = to_table(read_recipe(recipe)); });
  const Table again = Table::parse(table.toml(), "again");
  EXPECT_THAT(read_stages(again), ElementsAre("first", "second"));
  EXPECT_THAT(read_recipe(again.child("second")).parents, ElementsAre(Pair("codes", "first")));
}

}  // namespace
}  // namespace figment
