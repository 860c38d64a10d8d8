#include "figment/data/code_set.h"

#include <gmock/gmock.h>

#include <fstream>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/data/column_set.h"

namespace figment {
namespace {

namespace fs = std::filesystem;

/// The codes are means of parts of the image, in eight steps: of quarters, and where there are two grids before them of
/// the whole.
struct MeanEncoder final : EncodesDiscrete {
  std::vector<CodeSpec> grids() const override {
    const CodeSpec fine{.num_codes = 8, .height = 2, .width = 2}, coarse{.num_codes = 8, .height = 1, .width = 1};
    return two ? std::vector{coarse, fine} : std::vector{fine};
  }
  std::vector<Tensor> encode_codes(const Tensor& x) override {
    images += x.size(0);
    std::vector<Tensor> codes;
    for (const CodeSpec& grid : grids())
      codes.push_back(((torch::adaptive_avg_pool2d(x, {grid.height, grid.width}).squeeze(1) + 1) * 3.999)
                          .floor()
                          .to(torch::kInt64));
    return codes;
  }
  Tensor decode_codes(const std::vector<Tensor>& codes) override { return codes.front(); }
  Tensor paint_codes(const std::vector<Tensor>& codes) override { return codes.front(); }
  int64_t images = 0;
  bool two = false;
};

/// Images with a class, a colour, and a kind of condition that figment does not know.
ColumnSet described_images(int64_t count, GeometryOptions geometry = {}) {
  DataSpec spec{.x = PixelSpec{.channels = 1, .height = 4, .width = 4}};
  spec.condition.labels = {{.name = "class", .names = {"a", "b"}}, {.name = "colour", .names = {"red", "blue"}}};
  spec.condition.others["gesture"] = {.tensors = {"mask", "path"}};
  Batch described;
  described.condition.labels = {torch::randint(0, 2, {count}), torch::randint(0, 2, {count})};
  described.condition.others["gesture"] = {{"path", torch::rand({count, 5, 2})},
                                           {"mask", torch::rand({count, 5}).gt(0.5)}};
  return {spec,
          {std::make_shared<PixelColumn>(PixelColumn::Place::kX,
                                         torch::randint(0, 256, {count, 1, 4, 4}).to(torch::kUInt8)),
           std::make_shared<RowsColumn>(described)},
          all_rows(count),
          geometry};
}

class Codes : public ::testing::Test {
 protected:
  Codes() {
    torch::manual_seed(3);
    fs::create_directories(cache_);
  }
  ~Codes() override { fs::remove_all(cache_); }
  std::unique_ptr<Dataset> open(const std::string& weights = "w", int64_t grid = 0) {
    return code_set(images_, encoder_, weights, torch::kCPU, cache_, grid);
  }
  fs::path only_file() const { return fs::directory_iterator(cache_)->path(); }

  fs::path cache_ = fs::temp_directory_path() / ("figment_codes_" + std::to_string(getpid()));
  ColumnSet images_ = described_images(300);
  MeanEncoder encoder_;
};

TEST_F(Codes, AreWhatTheEncoderMakesOfEachImage) {
  const auto codes = open();
  EXPECT_EQ(codes->size(), 300);
  EXPECT_EQ(std::get<CodeSpec>(codes->spec().x).num_codes, 8);
  const std::vector<Draw> draws = {{299, 1}, {0, 2}, {7, 3}};
  const Batch batch = codes->read(draws), image = images_.read(draws);
  EXPECT_TRUE(torch::equal(batch.x, encoder_.encode_codes(image.x).front()));
  EXPECT_TRUE(torch::equal(batch.condition.label(), image.condition.label()));
  EXPECT_THROW(codes->read(std::vector<Draw>{{300, 0}}), DataError);
}

TEST_F(Codes, AreMadeOnceForAnEncoderAndItsImages) {
  const std::string hash = open()->hash();
  EXPECT_EQ(encoder_.images, 300);
  EXPECT_EQ(open()->hash(), hash);
  EXPECT_EQ(encoder_.images, 300) << "the second time they were read";
  open("other weights");
  EXPECT_EQ(encoder_.images, 600);
}

TEST_F(Codes, EveryKindOfConditionIsPassedOnUnchangedAndOnce) {
  const std::vector<Draw> draws = {{299, 1}, {0, 2}, {7, 3}};
  for (const char* time : {"made", "read from the cache"}) {
    const auto codes = open();
    std::map<std::string, Tensor> expected;
    const Condition given = images_.read(draws).condition, arrived = codes->read(draws).condition;
    each_tensor(given, [&](const std::string& name, const Tensor& t) {
      if (t.defined()) expected[name] = t;
    });
    EXPECT_EQ(expected.size(), 4u);
    each_tensor(arrived, [&](const std::string& name, const Tensor& t) {
      if (t.defined()) { EXPECT_TRUE(t.equal(expected.at(name))) << name << ", " << time; }
      expected.erase(name);
    });
    EXPECT_TRUE(expected.empty()) << time;
    EXPECT_EQ(codes->spec().condition.kinds(), images_.spec().condition.kinds());
  }
}

TEST_F(Codes, OfTheChosenGridComeWithTheCoarserOnesAndAreEncodedOnce) {
  encoder_.two = true;
  const auto coarse = open("w", 0), fine = open("w", 1);
  EXPECT_EQ(encoder_.images, 300) << "the cache holds all grids";
  EXPECT_TRUE(coarse->spec().condition.codes.empty());
  EXPECT_EQ(std::get<CodeSpec>(coarse->spec().x).height, 1);
  ASSERT_EQ(fine->spec().condition.codes.size(), 1u);
  EXPECT_EQ(fine->spec().condition.codes[0].height, 1);
  const std::vector<Draw> draws = {{5, 0}, {250, 0}};
  const Batch batch = fine->read(draws);
  const std::vector<Tensor> expected = encoder_.encode_codes(images_.read(draws).x);
  EXPECT_TRUE(batch.x.equal(expected[1]));
  ASSERT_EQ(batch.condition.codes.size(), 1u);
  EXPECT_TRUE(batch.condition.codes[0].equal(expected[0]));
  EXPECT_TRUE(coarse->read(draws).x.equal(expected[0]));
  EXPECT_NE(coarse->hash(), fine->hash());
  EXPECT_THAT([&] { open("w", 2); },
              testing::ThrowsMessage<ConfigError>(testing::HasSubstr("data.grid must be in [0, 2)")));
}

TEST_F(Codes, OfNoImagesHaveTheSpecAndNoExamples) {
  const ColumnSet none = described_images(0);
  const auto codes = code_set(none, encoder_, "w", torch::kCPU, cache_, 0);
  EXPECT_EQ(codes->size(), 0);
  EXPECT_EQ(to_json(codes->spec()), to_json(open()->spec()));
  EXPECT_EQ(codes->read({}).x.sizes(), (std::vector<int64_t>{0, 2, 2}));
}

TEST_F(Codes, ADamagedCacheIsMadeAnew) {
  const std::string hash = open()->hash();
  std::ofstream(only_file()) << "no tensors";
  EXPECT_EQ(open()->hash(), hash);
  EXPECT_EQ(encoder_.images, 600);
}

TEST_F(Codes, MakingThemTellsHowFarItIsAndCanBeCancelled) {
  std::vector<double> told;
  code_set(images_, encoder_, "w", torch::kCPU, cache_, 0, nullptr,
           [&](double done) { return told.push_back(done), true; });
  EXPECT_THAT(told, testing::ElementsAre(testing::DoubleEq(250 / 300.0), 1.0));
  EXPECT_THROW(code_set(images_, encoder_, "other", torch::kCPU, cache_, 0, nullptr, [](double) { return false; }),
               RunError);
}

TEST_F(Codes, AChangedByteInTheCacheIsNoticedAndSaid) {
  const std::string hash = open()->hash();
  const fs::path file = only_file();
  std::string bytes = read_file(file);
  bytes.back() = char(bytes.back() ^ 1);  // another code, as good a number as the one before
  write_file(file, bytes);
  std::vector<std::string> notes;
  EXPECT_EQ(code_set(images_, encoder_, "w", torch::kCPU, cache_, 0, &notes)->hash(), hash);
  EXPECT_EQ(encoder_.images, 600);
  EXPECT_THAT(notes, testing::ElementsAre(
                         testing::AllOf(testing::HasSubstr("made anew"), testing::HasSubstr("the file is damaged"))));
  code_set(images_, encoder_, "w", torch::kCPU, cache_, 0, &notes);
  EXPECT_EQ(notes.size(), 1u) << "the cache is whole again";
}

TEST_F(Codes, ACacheThatCannotBeWrittenCostsTimeAlone) {
  fs::remove_all(cache_);
  std::ofstream(cache_) << "a file where the folder would be";
  EXPECT_EQ(open()->size(), 300);
}

}  // namespace
}  // namespace figment
