// How often a training opens the files of its data.
#include <fmt/format.h>
#include <sys/inotify.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "figment/media/image.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// Counts how often each file in a folder is opened while it lives.
class OpenCounter {
 public:
  explicit OpenCounter(const fs::path& folder) : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    // Closing is watched too: the system merges equal events that follow each other.
    ::inotify_add_watch(descriptor_, folder.c_str(), IN_OPEN | IN_CLOSE);
  }
  ~OpenCounter() { ::close(descriptor_); }
  OpenCounter(const OpenCounter&) = delete;
  OpenCounter& operator=(const OpenCounter&) = delete;

  std::map<std::string, int> counts() const {
    std::map<std::string, int> counts;
    alignas(inotify_event) char buffer[1 << 16];
    for (ssize_t size; (size = ::read(descriptor_, buffer, sizeof buffer)) > 0;)
      for (const char* at = buffer; at < buffer + size;) {
        inotify_event event{};
        std::memcpy(&event, at, sizeof event);
        if ((event.mask & IN_OPEN) && event.len > 0) ++counts[at + sizeof event];
        at += sizeof event + event.len;
      }
    return counts;
  }

 private:
  int descriptor_;
};

/// How often a file was opened, the most of all.
int most(const std::map<std::string, int>& counts) {
  int most = 0;
  for (const auto& [name, count] : counts) most = std::max(most, count);
  return most;
}

class Opens : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    fs::create_directories(folder_ / "photos");
    for (int i = 0; i < 60; ++i) {
      const Image image{.width = 8, .height = 8, .channels = 1, .pixels = std::vector<uint8_t>(64, uint8_t(4 * i))};
      write_file(folder_ / "photos" / (std::to_string(i) + ".png"), encode_png(image));
    }
  }
  void train(const std::string& data) const {
    const auto result = figment(joined({"train", "vae", "--data", data}, testing::kTinyTraining));
    ASSERT_EQ(result.code, 0) << result.err;
  }
};

TEST_F(Opens, ATrainingOpensEachFileOnce) {
  for (const char* data : {"photos", "data"}) {
    const OpenCounter opened(folder_ / data);
    train(data);
    const auto counts = opened.counts();
    EXPECT_GT(counts.size(), 0u) << data;
    EXPECT_EQ(most(counts), 1) << data;
  }
}

TEST_F(Opens, AResumedTrainingOpensEachFileOnce) {
  train("photos");
  fs::remove(folder_ / "runs/0001-vae/finished");
  const OpenCounter opened(folder_ / "photos");
  ASSERT_EQ(figment({"resume", "1"}).code, 0);
  EXPECT_EQ(most(opened.counts()), 1);
}

TEST_F(Opens, EachStageOpensEachFileOnce) {
  std::string recipe = "stages = [\"one\", \"two\"]\n";
  for (const char* stage : {"one", "two"})
    recipe += fmt::format(
        "[{0}.model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [4]\nlatent = 2\n"
        "[{0}.data]\nsource = \"photos\"\n[{0}.training]\nimages = 40\nbatch_size = 20\n",
        stage);
  write_file(folder_ / "two.toml", recipe);
  const OpenCounter opened(folder_ / "photos");
  const auto result = figment({"train", "two.toml", "--threads", "1"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(most(opened.counts()), 2) << "stages may be days apart: the second opens its data when it begins";
}

TEST_F(Opens, AnEvaluationOfTenImagesOpensTenFiles) {
  train("photos");
  fs::create_directories(folder_ / "photos2");
  for (const auto& file : fs::directory_iterator(folder_ / "photos"))
    fs::copy_file(file.path(), folder_ / "photos2" / file.path().filename());
  const OpenCounter opened(folder_ / "photos2");
  const auto result = figment({"evaluate", "1", "--data", "photos2", "--split", "train", "-n", "10"});
  ASSERT_EQ(result.code, 0) << result.err;
  const auto counts = opened.counts();
  EXPECT_EQ(counts.size(), 10u);
  EXPECT_EQ(most(counts), 1);
}

}  // namespace
}  // namespace figment
