// What the program says of a folder of pictures as it is: the report of the data and the training alike.
#include <fmt/format.h>

#include "figment/media/image.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class PhotoFolder : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    fs::create_directories(folder_ / "photos");
    for (int i = 0; i < 60; ++i) {
      Image image{.width = 8, .height = 8, .channels = 1};
      for (int k = 0; k < 64; ++k) image.pixels.push_back(uint8_t((i * 37 + k * 101) % 251));
      write_file(folder_ / "photos" / (std::to_string(i) + ".png"), encode_png(image));
    }
    for (const char* name : {"a.png", "b.png"}) write_file(folder_ / "photos" / name, "no picture");
    write_file(folder_ / "photos/phone.heic", "x");
  }
};

TEST_F(PhotoFolder, ATrainingSaysWhatItLeavesOut) {
  const auto result = figment(joined({"train", "vae", "--data", "photos"}, testing::kTinyTraining));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("warning: 57 of 59 images of '"));
  EXPECT_THAT(result.err, HasSubstr("photos' are used, since 2 cannot be: 2 files, the first a.png"));
  EXPECT_THAT(result.err, HasSubstr("1 file not read: HEIC; heif-convert"));
  const std::string events = read_file(folder_ / "runs/0001-vae/events.jsonl");
  EXPECT_THAT(events, HasSubstr("since 2 cannot be")) << "and the run keeps it";
  EXPECT_THAT(events, Not(HasSubstr("loading"))) << "how far the reading was is no news afterwards";
}

TEST_F(PhotoFolder, TheReportShowsExamplesAndTheSameSentences) {
  const Json report = document({"data", "photos", "--json", "-o", "grid.png"});
  EXPECT_THAT(report.dump(), HasSubstr("1 file not read: HEIC; heif-convert"));
  EXPECT_EQ(report.at("skipped").size(), 2u);
  EXPECT_GT(image_info(read_file(folder_ / "grid.png"), "grid.png").width, 50);
}

}  // namespace
}  // namespace figment
