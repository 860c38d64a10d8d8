#include "figment/runs/journal.h"

#include <gmock/gmock.h>

#include "figment/base/file.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

struct Listener final : EventSink {
  void take(const Event& event) override { heard.push_back(event); }
  std::vector<Event> heard = {};
};

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    std::string pattern = testing::TempDir() + "journal_XXXXXX";
    folder_ = RunFolder(mkdtemp(pattern.data()));
  }
  ~JournalTest() override { fs::remove_all(folder_.path()); }

  std::vector<std::string> in_file() const {
    std::vector<std::string> names;
    for (const Event& event : read_events(folder_.events())) names.push_back(event.name);
    return names;
  }
  /// How often a tag stands in the files of TensorBoard.
  int in_board(const std::string& tag) const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (entry.path().filename().string().starts_with("events.out")) {
        const std::string bytes = read_file(entry.path());
        for (size_t at = bytes.find(tag); at != std::string::npos; at = bytes.find(tag, at + 1)) ++count;
      }
    return count;
  }
  RunFolder folder_{fs::path()};
  Listener listener_;
};

const Event kLoss{.images = 10, .name = "train/loss", .value = 2};
Event speed(int64_t images) { return {.kind = Event::Kind::kProgress, .images = images, .value = 100}; }

TEST_F(JournalTest, AnEventGoesToTheFileToTensorBoardAndToTheListener) {
  Journal journal(folder_, 0, 0, listener_);
  journal.tell(kLoss);
  EXPECT_THAT(in_file(), ElementsAre("train/loss"));
  EXPECT_EQ(in_board("train/loss"), 1);
  ASSERT_EQ(listener_.heard.size(), 1u);
  EXPECT_EQ(listener_.heard[0].images, 10);
  EXPECT_THAT(listener_.heard[0].time, HasSubstr("T")) << "the present time";
}

TEST_F(JournalTest, SpeedIsHeardEachTimeAndWrittenOncePerLogInterval) {
  Journal journal(folder_, 0, 0, listener_);
  for (int64_t i = 1; i <= 5; ++i) journal.tell(speed(i));
  EXPECT_EQ(listener_.heard.size(), 5u);
  EXPECT_EQ(in_board("speed/"), 0);
  journal.tell_means(5, {{"train/loss", 1}});
  EXPECT_EQ(in_board("speed/"), 1);
  journal.tell_means(6, {{"train/loss", 1}});
  EXPECT_EQ(in_board("speed/"), 1) << "nothing new to say";
  EXPECT_THAT(in_file(), ElementsAre("train/loss", "train/loss"));
}

TEST_F(JournalTest, WhatWasToldAfterTheCheckpointIsCutOff) {
  int64_t bytes = 0;
  {
    Journal first(folder_, 0, 0, listener_);
    first.tell(kLoss);
    bytes = first.bytes();
    first.tell({.images = 20, .name = "lost"});
  }
  Journal resumed(folder_, 10, bytes, listener_);
  resumed.tell({.images = 20, .name = "again"});
  EXPECT_THAT(in_file(), ElementsAre("train/loss", "again"));
}

TEST_F(JournalTest, AMissingFileIsAWarningAndTheRunGoesOn) {
  Journal journal(folder_, 10, 500, listener_);
  ASSERT_EQ(listener_.heard.size(), 1u);
  EXPECT_EQ(listener_.heard[0].kind, Event::Kind::kWarning);
  EXPECT_THAT(listener_.heard[0].text, HasSubstr("is missing: the run goes on"));
}

TEST_F(JournalTest, WhatIsThrownTooIsKeptButNotHeard) {
  Journal journal(folder_, 0, 0, listener_);
  journal.keep({.kind = Event::Kind::kWarning, .images = 1, .name = "why", .text = "it diverged"});
  EXPECT_THAT(in_file(), ElementsAre("why"));
  EXPECT_TRUE(listener_.heard.empty());
  EXPECT_THAT(read_file(folder_.report()), HasSubstr("it diverged"));
}

TEST_F(JournalTest, TheReportIsWrittenAnewAfterACheckpointAndAtTheEnd) {
  Journal journal(folder_, 0, 0, listener_);
  journal.tell(kLoss);
  EXPECT_FALSE(fs::exists(folder_.report()));
  for (const auto kind : {Event::Kind::kCheckpoint, Event::Kind::kFinished}) {
    journal.tell({.kind = kind, .images = 10});
    EXPECT_TRUE(fs::remove(folder_.report()));
  }
}

}  // namespace
}  // namespace figment
