#include "figment/runs/journal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

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

TEST_F(JournalTest, AReportThatCannotBeWrittenIsOneWarningAndTriedAgain) {
  make_folder(folder_.report() / "in the way");
  Journal journal(folder_, 0, 0, listener_);
  for (const int64_t images : {10, 20}) journal.tell({.kind = Event::Kind::kCheckpoint, .images = images});
  ASSERT_EQ(listener_.heard.size(), 3u) << "two checkpoints, one warning";
  EXPECT_EQ(listener_.heard[1].kind, Event::Kind::kWarning);
  EXPECT_EQ(listener_.heard[1].images, 10);
  EXPECT_THAT(listener_.heard[1].text, testing::AllOf(HasSubstr("report: cannot write"), HasSubstr("report.html"),
                                                      HasSubstr("the training itself is not affected")));
  fs::remove_all(folder_.report());
  journal.tell({.kind = Event::Kind::kCheckpoint, .images = 30});
  EXPECT_THAT(read_file(folder_.report()), HasSubstr("report: cannot write")) << "the report says what had failed";
}

/// Keeps all but `free` of the files that this process may open.
class FewFiles {
 public:
  explicit FewFiles(size_t free) {
    const rlimit few{.rlim_cur = 64, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int file; (file = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken_.push_back(file);
    for (; free > 0; --free) ::close(taken_.back()), taken_.pop_back();
  }
  ~FewFiles() {
    for (const int file : taken_) ::close(file);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_ = [] {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    return now;
  }();
  std::vector<int> taken_;
};

TEST_F(JournalTest, WithoutTensorBoardTheRunGoesOnAndItIsTriedAgain) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizers look at objects through pipes, and here no file is left for one";
#endif
#endif
  std::optional<Journal> journal;
  {
    const FewFiles few(1);  // for events.jsonl
    journal.emplace(folder_, 0, 0, listener_);
    journal->tell(kLoss);
    journal->tell(kLoss);
  }
  ASSERT_EQ(listener_.heard.size(), 3u) << "one warning";
  EXPECT_THAT(listener_.heard[0].text + listener_.heard[1].text, HasSubstr("TensorBoard: "));
  EXPECT_EQ(in_file().size(), 3u);
  EXPECT_EQ(in_board("train/loss"), 0);
  journal->tell(kLoss);
  EXPECT_EQ(in_board("train/loss"), 1);
}

TEST_F(JournalTest, AnythingThatIsAttemptedMayFail) {
  Journal journal(folder_, 0, 0, listener_);
  for (int i = 0; i < 2; ++i)
    journal.attempt("pictures", 5,
                    [] { throw fs::filesystem_error("cannot remove", std::error_code(EIO, std::generic_category())); });
  ASSERT_EQ(listener_.heard.size(), 1u);
  journal.attempt("pictures", 6, [] {});
  journal.attempt("pictures", 7, [] { throw std::runtime_error("again\nin line 7 of a file"); });
  ASSERT_EQ(listener_.heard.size(), 2u) << "it had succeeded meanwhile";
  EXPECT_EQ(listener_.heard[1].text, "pictures: again; the training itself is not affected");
}

}  // namespace
}  // namespace figment
