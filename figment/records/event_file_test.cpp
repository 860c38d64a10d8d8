#include "figment/records/event_file.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/test_folder.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

class EventFileTest : public OwnFolder {
 protected:
  fs::path path() const { return folder / "events.jsonl"; }
};

const Event kLoss{.images = 1000, .name = "train/loss", .value = 1.5, .time = "2026-01-02T03:04:05Z"};

TEST_F(EventFileTest, EachEventIsOneLineThatReadsBackAsItWas) {
  const Event warning{.kind = Event::Kind::kWarning, .images = 2000, .text = "two\nlines, \"quoted\""};
  EventFile file(path());
  file.take(kLoss);
  file.take(warning);
  EXPECT_EQ(file.size(), int64_t(fs::file_size(path())));
  EXPECT_EQ(std::ranges::count(read_file(path()), '\n'), 2);
  const auto events = read_events(path());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(to_json(events[0]), to_json(kLoss));
  EXPECT_EQ(to_json(events[1]), to_json(warning));
}

TEST_F(EventFileTest, OpeningAgainAppends) {
  EventFile(path()).take(kLoss);
  EventFile second(path());
  EXPECT_GT(second.size(), 0);
  second.take(kLoss);
  EXPECT_EQ(read_events(path()).size(), 2u);
}

TEST_F(EventFileTest, NotANumberStaysNotANumber) {
  EventFile(path()).take({.name = "train/loss", .value = std::nan("")});
  ASSERT_EQ(read_events(path()).size(), 1u);
  EXPECT_TRUE(std::isnan(read_events(path())[0].value));
}

TEST_F(EventFileTest, BytesThatAreNoTextStayJson) {
  EventFile(path()).take({.kind = Event::Kind::kWarning, .text = "class \xff"});
  ASSERT_EQ(read_events(path()).size(), 1u);
  EXPECT_EQ(read_events(path())[0].text, "class \\xff");
}

TEST_F(EventFileTest, AHalfWrittenLineIsPassedOver) {
  EventFile(path()).take(kLoss);
  const std::string whole = read_file(path());
  for (size_t cut = 0; cut < whole.size() - 1; ++cut) {
    std::ofstream(path(), std::ios::binary) << whole << whole.substr(0, cut);
    EXPECT_EQ(read_events(path()).size(), 1u) << cut;
  }
  std::ofstream(path(), std::ios::binary) << "[1]\n{}\n\n" << whole << "null\n" << whole;
  EXPECT_EQ(read_events(path()).size(), 2u);
}

/// Deep nesting ends a program by its stack, and a conversion of 1e300 to an integer is undefined.
TEST_F(EventFileTest, LinesThatNoFigmentWroteArePassedOver) {
  const std::string good = json_text(to_json(kLoss)) + "\n";
  const std::string deep = std::string(300000, '['), closed = std::string(300000, ']');
  for (const std::string& line :
       {deep, deep + closed, R"({"event":"scalar","images":0,"value":)" + deep + closed + "}",
        std::string(R"({"event":"scalar","images":1e300,"value":1})"),
        std::string(R"({"event":"scalar","images":18446744073709551615,"value":1})"),
        std::string(R"({"event":"scalar","images":-1,"value":1})"),
        std::string(R"({"event":"scalar","images":9223372036854775807,"value":1})"),
        std::string(R"({"event":"scalar","images":1.5,"value":1})"), std::string(R"({"event":3,"images":1,"value":1})"),
        std::string(R"({"event":"scalar","images":1,"value":1e999})")})
    EXPECT_EQ(parse_events(good + line + "\n" + good, "x").size(), 2u) << line.substr(0, 60);
}

TEST_F(EventFileTest, AMissingFileHasNoEvents) { EXPECT_TRUE(read_events(path()).empty()); }

TEST_F(EventFileTest, CutBackToACheckpointItGoesOnAsIfNothingHadFollowed) {
  int64_t saved = 0;
  {
    EventFile file(path());
    file.take(kLoss);
    saved = file.size();
    file.take({.name = "lost"});
  }
  EXPECT_EQ(EventFile::truncate(path(), saved), "");
  EXPECT_EQ(int64_t(fs::file_size(path())), saved);
  EventFile(path()).take({.name = "again"});
  ASSERT_EQ(read_events(path()).size(), 2u);
  EXPECT_EQ(read_events(path())[1].name, "again");
}

TEST_F(EventFileTest, AShorterFileKeepsItsWholeLinesAndIsTold) {
  EventFile(path()).take(kLoss);
  std::ofstream(path(), std::ios::app) << "{\"event\": \"sca";
  EXPECT_THAT(EventFile::truncate(path(), 5000), testing::HasSubstr("the checkpoint was saved with 5,000"));
  EXPECT_EQ(read_file(path()).back(), '\n');
  EXPECT_EQ(read_events(path()).size(), 1u);
}

TEST_F(EventFileTest, AMissingFileIsToldUnlessNothingWasWritten) {
  EXPECT_EQ(EventFile::truncate(path(), 0), "");
  EXPECT_THAT(EventFile::truncate(path(), 10), testing::HasSubstr("is missing"));
}

TEST_F(EventFileTest, WhatALinkLeadsToIsNotCut) {
  write_file(folder / "victim", "whole");
  fs::create_symlink(folder / "victim", path());
  EXPECT_THAT([&] { (void)EventFile::truncate(path(), 2); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr("a symbolic link stands there")));
  EXPECT_EQ(read_file(folder / "victim"), "whole");
}

TEST_F(EventFileTest, AFullDiskIsASentence) {
  EventFile full("/dev/full");
  try {
    full.take(kLoss);
    FAIL() << "nothing was thrown";
  } catch (const FileError& error) {
    EXPECT_STREQ(error.what(), "cannot write '/dev/full': No space left on device; free some space and resume the run");
  }
  EXPECT_THROW(EventFile(folder / "no" / "folder"), FileError);
}

}  // namespace
}  // namespace figment
