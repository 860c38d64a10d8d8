#include "figment/data/code_set.h"

#include <gmock/gmock.h>

#include <fstream>

#include "figment/base/error.h"
#include "figment/data/memory_set.h"

namespace figment {
namespace {

namespace fs = std::filesystem;

/// The code of a quarter of the image is its mean, in eight steps.
struct MeanEncoder final : EncodesDiscrete {
  std::vector<CodeSpec> grids() const override { return {{.num_codes = 8, .height = 2, .width = 2}}; }
  std::vector<Tensor> encode_codes(const Tensor& x) override {
    images += x.size(0);
    return {((torch::adaptive_avg_pool2d(x, {2, 2}).squeeze(1) + 1) * 3.999).floor().to(torch::kInt64)};
  }
  Tensor decode_codes(const std::vector<Tensor>& codes) override { return codes.front(); }
  Tensor paint_codes(const std::vector<Tensor>& codes) override { return codes.front(); }
  int64_t images = 0;
};

class Codes : public ::testing::Test {
 protected:
  Codes() {
    torch::manual_seed(3);
    fs::create_directories(cache_);
  }
  ~Codes() override { fs::remove_all(cache_); }
  std::unique_ptr<Dataset> open(const std::string& weights = "w") {
    return code_set(images_, encoder_, weights, torch::kCPU, cache_);
  }
  fs::path only_file() const { return fs::directory_iterator(cache_)->path(); }

  fs::path cache_ = fs::temp_directory_path() / ("figment_codes_" + std::to_string(getpid()));
  MemorySet images_{{.images = torch::randint(0, 256, {300, 1, 4, 4}).to(torch::kUInt8),
                     .labels = torch::randint(0, 2, {300}),
                     .class_names = {"a", "b"}},
                    /*flip=*/false};
  MeanEncoder encoder_;
};

TEST_F(Codes, AreWhatTheEncoderMakesOfEachImage) {
  const auto codes = open();
  EXPECT_EQ(codes->size(), 300);
  EXPECT_EQ(std::get<CodeSpec>(codes->spec().x).num_codes, 8);
  const std::vector<Draw> draws = {{299, 1}, {0, 2}, {7, 3}};
  const Batch batch = codes->read(draws), image = images_.read(draws);
  EXPECT_TRUE(torch::equal(batch.x, encoder_.encode_codes(image.x).front()));
  EXPECT_TRUE(torch::equal(batch.condition.label, image.condition.label));
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

TEST_F(Codes, ADamagedCacheIsMadeAnew) {
  const std::string hash = open()->hash();
  std::ofstream(only_file()) << "no tensors";
  EXPECT_EQ(open()->hash(), hash);
  EXPECT_EQ(encoder_.images, 600);
}

TEST_F(Codes, ACacheThatCannotBeWrittenCostsTimeAlone) {
  fs::remove_all(cache_);
  std::ofstream(cache_) << "a file where the folder would be";
  EXPECT_EQ(open()->size(), 300);
}

}  // namespace
}  // namespace figment
