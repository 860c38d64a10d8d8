// Where the program writes: standard output that cannot be written, terminals that cannot draw, files that cannot be
// made.
#include <gmock/gmock.h>

#include <regex>

#include "figment/media/image.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

class Output : public testing::ProgramFolder {
 protected:
  testing::Finished shell(const std::string& line) const {
    return testing::run_command({"/bin/bash", "-c", line}, {{"FIGMENT", FIGMENT_PROGRAM}}, folder_);
  }
  void make_run() const {
    ASSERT_EQ(figment(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining)).code, 0);
  }
};

TEST_F(Output, ThatCannotBeWrittenIsASentenceOfEveryVerb) {
  make_run();
  for (const char* verb : {"--help", "--version", "train --help", "models", "models --json", "describe vae", "runs",
                           "completion bash", "doctor", "data data", "sample last", "reconstruct last",
                           "interpolate last", "traverse last", "encode last", "evaluate last -k 0", "resume last"}) {
    const auto result = shell(std::string("$FIGMENT ") + verb + " >/dev/full");
    EXPECT_EQ(result.code, 2) << verb;
    EXPECT_THAT(result.err, HasSubstr("standard output cannot be written")) << verb;
  }
}

TEST_F(Output, AReaderThatHasGoneAndAClosedOutputAreSentencesToo) {
  const auto gone = shell(
      "{ until test -e gone; do sleep 0.05; done; $FIGMENT describe vae; echo code $? >&2; } | { exec <&-; touch gone; "
      "}");
  EXPECT_THAT(gone.err, AllOf(HasSubstr("standard output cannot be written: Broken pipe"), HasSubstr("code 2")));
  const auto closed = shell("$FIGMENT models >&-");
  EXPECT_EQ(closed.code, 2);
  EXPECT_THAT(closed.err, HasSubstr("standard output cannot be written"));
}

TEST_F(Output, ATrainingGoesOnWithoutAReader) {
  Words words = joined({"--out", "out", "--json"}, testing::kTinyTraining);
  std::string line = "$FIGMENT train vae --data data";
  for (const std::string& word : words) line += " '" + word + "'";
  const auto result = shell(line + " >/dev/full");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("the training goes on"), HasSubstr("standard output cannot be written")));
  EXPECT_EQ(document({"runs", "--out", "out", "--json"})["runs"][0]["state"], "finished");
}

TEST_F(Output, ADumbTerminalGetsNoEscapes) {
  if (!std::filesystem::exists("/usr/bin/script")) GTEST_SKIP() << "this machine has no script(1)";
  std::string line;
  for (const std::string& word : joined({"train", "vae", "--data", "data"}, testing::kTinyTraining))
    line += " \\\"" + word + "\\\"";
  const auto on = [&](const std::string& terminal) {
    return shell("script -qec \"$FIGMENT" + line + " --out " + terminal + "\" /dev/null").out;
  };
  setenv("TERM", "xterm", 1);
  EXPECT_THAT(on("xterm"), HasSubstr("\x1b[K"));
  setenv("TERM", "dumb", 1);
  EXPECT_THAT(on("dumb"), AllOf(HasSubstr("finished after 2,000 images"), Not(HasSubstr("\x1b"))));
}

TEST_F(Output, FilesThatCannotBeMadeAreFoundBeforeAnythingIsOpened) {
  std::filesystem::create_directories(folder_ / "folder.png");
  const std::pair<Words, const char*> cases[] = {
      {{"sample", "last", "-o", "no/such.png"}, "there is no folder 'no'; make it, or choose another"},
      {{"sample", "last", "-o", std::string(300, 'a') + ".png"}, "the file's name has 304 bytes, at most 255"},
      {{"reconstruct", "last", "-o", "folder.png"}, "this is a folder; name a file"},
      {{"encode", "last", "-o", "no/such.npy"}, "there is no folder 'no'"},
      {{"compare", "1", "2", "-o", "no/such.html"}, "there is no folder 'no'"},
      {{"data", "data", "-o", "no/such.png"}, "there is no folder 'no'"}};
  for (const auto& [words, sentence] : cases) {  // there is no run either, and no engine
    const auto result = testing::run(words, {{"FIGMENT_LIBRARY", "/nowhere/libfigment.so"}}, folder_);
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.err, HasSubstr(sentence));
  }
}

TEST_F(Output, MorePicturesThanASheetHoldsAreRefusedBeforeTheyAreDrawn) {
  make_run();
  const auto result = figment({"sample", "last", "-n", "1000000", "-o", "many.png"});  // drawing them takes minutes
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("1,000,000 pictures of 8 x 8 pixels make a sheet of 10002 x 10002"));
}

TEST_F(Output, FilesOfAThousandAndMoreAreThoseOfOneRowOfImages) {
  make_run();
  ASSERT_EQ(figment({"sample", "last", "-n", "1002", "--files", "drawn"}).code, 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "drawn"), {}), 1002);
  ASSERT_EQ(figment({"sample", "last", "-n", "1", "--seed", "1001", "--files", "alone"}).code, 0);
  EXPECT_EQ(decode_image(read_file(folder_ / "drawn/001001.png"), "drawn").pixels,
            decode_image(read_file(folder_ / "alone/000000.png"), "alone").pixels)
      << "image 1001 of seed 0 is image 0 of seed 1001";
}

TEST_F(Output, ANarrowTerminalShowsTheTimeThatIsLeft) {
  if (!std::filesystem::exists("/usr/bin/script")) GTEST_SKIP() << "this machine has no script(1)";
  std::string line;
  for (const std::string& word : joined({"train", "vae", "--data", "data"}, testing::kTinyTraining))
    line += " \\\"" + word + "\\\"";
  setenv("TERM", "xterm", 1);
  const std::string out =
      shell("script -qec \"stty cols 60; timeout 15 $FIGMENT" + line +
            " --set training.images=1e8 --set training.checkpoint_every=1e9 --set training.evaluate_every=1e9 "
            "--set training.preview_every=1e9 --out out\" /dev/null")
          .out;
  EXPECT_TRUE(std::regex_search(out, std::regex("\\[=* *\\] +[0-9]+ %  [0-9]+ (h|min|s)[^\r]* left  ")))
      << out.substr(0, 2000);
  EXPECT_TRUE(std::regex_search(out, std::regex("about [0-9hmins ]+ of training, at [0-9,]+ images/s")))
      << out.substr(0, 2000);
}

}  // namespace
}  // namespace figment
