#include "figment/models/cards.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment {
namespace {

using testing::HasSubstr;

std::string complaint(std::string_view model, std::string_view settings) {
  try {
    model_card(model).resolve(Table::parse(settings, "r.toml"));
    return "";
  } catch (const ConfigError& error) { return error.what(); }
}

TEST(Cards, EachRecipeInAModelsFolderHasAName) {
  EXPECT_EQ(recipe_text("vae"), model_card("vae").recipe);
  EXPECT_THAT(std::string(recipe_text("vae/colour")), HasSubstr("discretised_logistic"));
  EXPECT_THAT(std::string(recipe_text("pixel_cnn/codes")), HasSubstr("stages = [\"codes\", \"prior\"]"));
  EXPECT_THAT([] { recipe_text("vae/color"); },
              testing::ThrowsMessage<ConfigError>(HasSubstr("did you mean 'vae/colour'?")));
  for (const char* none : {"vae/", "vae/x/y", "none/colour", "/colour", "vae/../gan", ""})
    EXPECT_THROW(recipe_text(none), ConfigError) << none;
}

TEST(Cards, SettingsThatNothingReadsAreRefused) {
  struct {
    std::string_view model, settings, use;
  } const cases[] = {
      {"vae", "hidden = [7]", "it is used only where network is dense or gated_dense"},
      {"vae", "network = 'dense'\ntrunk.width = 8", "[trunk] is used only where network is conv"},
      {"vae", "scale = 0.2", "it is used only where likelihood is gaussian or learned_gaussian"},
      {"vae", "beta = 0\nfree_bits = 1", "it is used only where beta is above 0"},
      {"gan", "hidden = [7]", "it is used only where network is dense"},
      {"gan", "network = 'dense'\nstages = 2", "it is used only where network is conv or residual"},
      {"gan", "r1 = 0\npenalty_every = 4",
       "it is used only where r1 is above 0, or r2 is above 0, or gradient_penalty is above 0"},
      {"pixel_cnn", "likelihood = 'categorical'\nmixtures = 5", "it is used only where likelihood is logistic_mixture"},
      {"pixel_cnn", "layers = 1\nkernel = 5", "it is used only where network is masked, or layers is above 1"},
      {"vq_vae", "quantizer.levels = [5, 5]", "it is used only where codebook is finite_scalar"},
      {"vq_vae", "quantizer = { codebook = 'gradient', levels = [5, 5] }", "codebook is finite_scalar"},
      {"vq_vae", "quantizer = { codebook = 'finite_scalar', num_codes = 9 }",
       "'num_codes' in [quantizer] has no effect here: it is used only where codebook is moving_average or gradient"},
      {"vq_vae", "quantizer = { codebook = 'gradient', revive_below = 0, decay = 0.9 }",
       "it is used only where codebook is moving_average, or revive_below is above 0 and in effect"},
      {"vq_vae", "quantizer = { codebook = 'finite_scalar', decay = 0.9 }", "codebook is moving_average"},
      {"vq_vae", "blocks = 0\nresidual = 9", "it is used only where blocks is above 0"},
      {"vq_vae", "stages = 1\nstem = 9", "it is used only where stages is above 1"},
  };
  for (const auto& [model, settings, use] : cases) EXPECT_THAT(complaint(model, settings), HasSubstr(use)) << settings;
}

TEST(Cards, SettingsThatAreReadAreTaken) {
  EXPECT_EQ(complaint("vae", "network = 'gated_dense'\nhidden = [7]\nlikelihood = 'gaussian'\nscale = 0.2"), "");
  EXPECT_EQ(complaint("gan", "r1 = 0\nr2 = 1\npenalty_every = 4"), "");
  EXPECT_EQ(complaint("pixel_cnn", "network = 'masked'\nlayers = 1\nkernel = 5"), "");
  // Of a codebook by gradient, decay is that of the counts by which unused codes are revived.
  EXPECT_EQ(complaint("vq_vae", "quantizer = { codebook = 'gradient', decay = 0.9 }"), "");
}

TEST(Cards, ResolvedSettingsReadBack) {
  for (const ModelCard& model : model_cards()) {
    const Table once = model.resolve(Table());
    EXPECT_EQ(model.resolve(Table::parse(once.toml(), "again")).toml(), once.toml()) << model.id;
  }
}

}  // namespace
}  // namespace figment
