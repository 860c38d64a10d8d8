// A product adds a model of its own, and a kind of condition that figment has never heard of: both go wherever those of
// the catalog go. Everything here runs through the interface that a product uses, figment/runs/engine.h.
#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/data/catalog.h"
#include "figment/data/code_set.h"
#include "figment/data/format.h"
#include "figment/data/idx_set.h"
#include "figment/data/stored_batch.h"
#include "figment/models/entries.h"
#include "figment/records/run_folder.h"
#include "figment/runs/engine.h"
#include "figment/runs/run_images.h"
#include "figment/tensor/noise.h"
#include "tests/made_data.h"
#include "tests/same_bytes.h"
#include "tests/tiny_data.h"

namespace figment {

/// One picture, learned so that a frozen classifier has the same features of it as of the data: the classifier is in
/// the loss and is no part of the model.
namespace toy {

struct Config {
  Optimizer optimizer = {.learning_rate = 0.1};
  static constexpr auto schema() { return fields(field<&Config::optimizer>("optimizer")); }
};
static_assert(complete<Config>());
inline constexpr Card kCard{.title = "Toy", .paper = "none", .year = 2026, .summary = "One picture, by its features."};

class Toy : public Model, public Samples {
 public:
  using Config = toy::Config;
  Toy(Config config, const DataSpec& spec, const Helpers& helpers)
      : config_(std::move(config)), spec_(spec), features_(helpers.get<EmbedsImages>("loss")) {
    const PixelSpec& x = pixels(spec);
    picture_ = register_parameter("picture", torch::zeros({1, x.channels, x.height, x.width}));
  }
  std::vector<ParameterGroup> groups() override { return {{"model", parameters(), config_.optimizer}}; }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
      const Tensor noisy = picture_ + 0.1 * torch::randn_like(b.x);
      return {{"features", (features_.embed(noisy) - features_.embed(b.x)).square().mean()}};
    });
  }
  ConditionSpec takes() const override { return {.others = spec_.condition.others}; }
  Tensor sample(const SampleRequest& request) override {
    given.push_back(request.condition);
    const Tensor noise = seeded_normal(request.seeds, picture_.numel(), "toy")
                             .view({-1, picture_.size(1), picture_.size(2), picture_.size(3)});
    return (picture_ + 0.1 * noise).clamp(-1, 1);
  }
  static inline std::vector<Condition> given = {};  ///< what each call of `sample` was given

 private:
  Config config_;
  DataSpec spec_;
  EmbedsImages& features_;
  Tensor picture_;
};

constexpr std::string_view kRecipe = "[model]\nid = \"toy\"\n";

}  // namespace toy

namespace {

namespace fs = std::filesystem;

/// A format that the product adds: the tiny pictures, each with where somebody looked: `point` [N,4,2] padded, and
/// `mask`.
class LookedAt final : public Dataset {
 public:
  explicit LookedAt(std::unique_ptr<Dataset> pictures) : pictures_(std::move(pictures)), spec_(pictures_->spec()) {
    spec_.condition.others["gaze"] = OtherSpec{{"mask", "point"}};
  }
  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return pictures_->size(); }
  std::string hash() const override { return pictures_->hash() + "-gaze"; }
  Batch read(std::span<const Draw> draws) const override {
    Batch batch = pictures_->read(draws);
    std::vector<Tensor> point, mask;
    for (const Draw& draw : draws) {
      const int64_t looks = 1 + draw.index % 4;
      mask.push_back(torch::arange(4) < looks);
      point.push_back(torch::arange(8).view({4, 2}).to(torch::kFloat) + float(draw.index) * 10);
      point.back().slice(0, looks).zero_();
    }
    batch.condition.others["gaze"] = {{"point", torch::stack(point)}, {"mask", torch::stack(mask)}};
    return batch;
  }

 private:
  std::unique_ptr<Dataset> pictures_;
  DataSpec spec_;
};

bool is_looked_at(const Source& source, const DataOptions&) { return fs::exists(source.folder / "gaze"); }

Datasets open_looked_at(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
                        const Opening& opening) {
  Opening of_pictures = opening;  // the format of the pictures knows nothing of the kind beside them
  DataSpec like = opening.like ? *opening.like : DataSpec{};
  like.condition.others.clear();
  if (opening.like) of_pictures.like = &like;
  Datasets sets = kIdxFiles.open(source, options, splits, of_pictures);
  for (auto& set : sets) set = std::make_unique<LookedAt>(std::move(set));
  return sets;
}

const Format kLookedAt{
    .kind = "IDX files with gaze", .recognises = is_looked_at, .open = open_looked_at, .report = kIdxFiles.report};

struct Quiet : EventSink {
  void take(const Event& event) override {
    if (event.kind == Event::Kind::kCheckpoint && event.images >= stop_at) throw std::runtime_error("pulled the plug");
  }
  int64_t stop_at = std::numeric_limits<int64_t>::max();
};

Table recipe_of(const std::string& model, const fs::path& data, const std::vector<std::string>& more) {
  std::string text = "[model]\nid = \"" + model + "\"\n[data]\nsource = \"" + data.string() +
                     "\"\n[training]\nbatch_size = 20\nimages = 400\ncheckpoint_every = 100\nevaluate_every = 1000\n"
                     "precision = \"fp32\"\nthreads = 1\n";
  for (const std::string& line : more) text += line + "\n";
  return Table::parse(text, "test");
}

class OwnModel : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    add_model(card_of<toy::Config>("toy", toy::kCard, toy::kRecipe), entry_of<toy::Toy>({.helpers = {"loss"}}));
    add_format(kLookedAt);
  }
  OwnModel() : engine_(*figment_engine({.threads = 1, .device = "cpu"})) {
    fs::remove_all(folder_);
    testing::write_tiny_data(folder_ / "data");
    write_file(folder_ / "data/gaze", "");
  }
  ~OwnModel() override { fs::remove_all(folder_); }

  fs::path train(const Table& recipe, const std::string& out) {
    return engine_.train({.recipe = recipe, .out = folder_ / out}, quiet_);
  }
  /// A classifier of the tiny pictures, then the toy that has it in its loss.
  fs::path train_classifier() { return train(recipe_of("classifier", folder_ / "data", {}), "helpers"); }
  Table toy_recipe(const fs::path& helper) const {
    return recipe_of("toy", folder_ / "data", {"[parents]", "loss = \"" + helper.string() + "\""});
  }

  fs::path folder_ = fs::temp_directory_path() / ("figment_own_model_" + std::to_string(::getpid()));
  Engine& engine_;
  Quiet quiet_;
};

TEST_F(OwnModel, AFrozenHelperIsInTheLossAndNowhereElse) {
  const fs::path helper = train_classifier(), run = train(toy_recipe(helper), "runs");
  const TensorMap weights = load_safetensors(RunFolder(run).best_checkpoint() / "model.safetensors").tensors;
  ASSERT_EQ(weights.size(), 1u) << "the picture alone is in the checkpoint";
  EXPECT_GT(weights.at("picture").abs().max().item<double>(), 0.01) << "the loss reached it through the classifier";
  const Json manifest = parse_json(read_file(run / "manifest.json"), "manifest");
  EXPECT_EQ(spoken(find(manifest, {"parents", "loss", "weights"})), engine_.open(helper)->weights_hash());
}

TEST_F(OwnModel, AHelperMayBeAStageOrARunBesideTheStages) {
  const std::string data = "source = \"" + (folder_ / "data").string() + "\"\n";
  const auto stage = [&](const std::string& name, const std::string& model, const std::string& parents) {
    return "[" + name + ".model]\nid = \"" + model + "\"\n[" + name + ".data]\n" + data + "[" + name +
           ".training]\nbatch_size = 20\nimages = 60\nprecision = \"fp32\"\nthreads = 1\n" + parents;
  };
  const std::string two = "stages = [\"net\", \"picture\"]\n" + stage("net", "classifier", "") +
                          stage("picture", "toy", "[picture.parents]\nloss = \"net\"\n");
  EXPECT_TRUE(RunFolder(train(Table::parse(two, "two.toml"), "stages")).trained().finished());
  const std::string beside =
      "stages = [\"net\", \"picture\"]\n" + stage("net", "classifier", "") +
      stage("picture", "toy", "[picture.parents]\nloss = \"" + train_classifier().string() + "\"\n");
  EXPECT_TRUE(RunFolder(train(Table::parse(beside, "two.toml"), "stages")).trained().finished());
}

TEST_F(OwnModel, ARunWithAHelperResumesToTheSameBytes) {
  const fs::path helper = train_classifier(), whole = train(toy_recipe(helper), "whole");
  quiet_.stop_at = 200;
  EXPECT_THROW(train(toy_recipe(helper), "stopped"), std::runtime_error);
  quiet_.stop_at = std::numeric_limits<int64_t>::max();
  const fs::path stopped = RunFolder::find("last", folder_ / "stopped").path();
  EXPECT_FALSE(RunFolder(stopped).finished());
  fs::remove_all(helper);  // what the run needs of it lies in its own folder
  engine_.resume({.run = stopped}, quiet_);
  EXPECT_EQ(testing::tensors_in(stopped), testing::tensors_in(whole));
}

TEST_F(OwnModel, ARunDrawsAfterItsHelperWasDeleted) {
  const fs::path helper = train_classifier(), run = train(toy_recipe(helper), "runs");
  const std::vector<Image> before = engine_.open(run)->sample({.count = 4});
  fs::remove_all(helper);
  const std::vector<Image> after = engine_.open(run)->sample({.count = 4});
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(before[i].pixels, after[i].pixels);
}

TEST_F(OwnModel, AHelperThatCannotDoWhatTheLossNeedsGetsASentence) {
  const fs::path other =
      train(recipe_of("vae", folder_ / "data", {"[model.optimizer]", "learning_rate = 0.001"}), "helpers");
  try {
    train(toy_recipe(other), "runs");
    FAIL() << "a VAE has no features";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "parents.loss: the run's model cannot do what this model needs; name another");
  }
}

TEST_F(OwnModel, AParentThatTheModelHasNoUseForIsRefused) {
  const fs::path classifier = train_classifier();
  const auto sentence_of = [&](const std::string& role, const fs::path& parent) -> std::string {
    try {
      train(recipe_of("vae", folder_ / "data", {"[parents]", role + " = \"" + parent.string() + "\""}), "runs");
    } catch (const ConfigError& error) { return error.what(); }
    return "no error";
  };
  EXPECT_EQ(sentence_of("loss", classifier), "parents.loss: a vae uses no other network in its loss; leave it out");
  const fs::path toy = train(toy_recipe(classifier), "toys");
  EXPECT_EQ(sentence_of("coarser", toy), "parents.coarser: a vae takes no coarser codes; leave it out");
}

TEST_F(OwnModel, AMadeUpKindOfConditionArrivesUnchangedAndOnce) {
  const DataOptions options{.source = (folder_ / "data").string()};
  const auto validation = open_dataset(options, Split::kValidation);
  const auto gaze_of = [](const Condition& c) { return c.others.at("gaze"); };
  const auto same = [](const NamedTensors& a, const NamedTensors& b) {
    return a.size() == 2 && b.size() == 2 && a.at("point").equal(b.at("point")) && a.at("mask").equal(b.at("mask"));
  };
  std::vector<Draw> draws;
  for (int64_t i = 0; i < validation->size(); ++i) draws.push_back({i, uint64_t(i)});
  const Batch batch = validation->read(draws);
  EXPECT_EQ(gaze_of(batch.condition).at("point").sizes(), torch::IntArrayRef({40, 4, 2})) << "in a batch";

  const fs::path run = train(toy_recipe(train_classifier()), "runs");
  const Batch examples = load_examples(RunFolder(run), validation->spec());
  EXPECT_TRUE(same(gaze_of(examples.condition), gaze_of(batch.condition))) << "in the examples";

  const auto coder = model_entry("vq_vae").make(Table(), validation->spec(), {});
  coder->eval();
  const auto codes =
      code_set(*validation, dynamic_cast<EncodesDiscrete&>(*coder), "weights", torch::kCPU, folder_ / "cache");
  EXPECT_TRUE(same(gaze_of(codes->read(draws).condition), gaze_of(batch.condition))) << "in a derived code set";

  toy::Toy::given.clear();
  engine_.open(run)->sample({.count = 50});
  ASSERT_EQ(toy::Toy::given.size(), 1u);
  const Tensor in_turn = torch::arange(50) % 40;
  EXPECT_TRUE(same(gaze_of(toy::Toy::given[0]), gaze_of(rows_at(batch.condition, in_turn)))) << "in `sample`";
  EXPECT_THAT(toy::Toy::given[0].labels, ::testing::IsEmpty()) << "the model does not take labels";

  const std::string report = read_file(run / "report.html");
  const size_t first = report.find("gaze");
  ASSERT_NE(first, std::string::npos) << "in the report";
  EXPECT_NE(report.find("mask, point", first), std::string::npos);
}

}  // namespace
}  // namespace figment
