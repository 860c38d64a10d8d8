// The program from outside: a run from its training to its pictures, tables and measures.
#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "figment/base/file.h"
#include "figment/base/version.h"
#include "figment/config/json.h"
#include "figment/media/sheet.h"
#include "tests/run_program.h"
#include "tests/tiny_data.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

/// One run, trained once, that the tests look at.
class ProgramRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(folder());
    testing::write_tiny_data(folder() / "data");
    trained() = in_folder(train());
    ASSERT_EQ(trained().code, 0) << trained().err;
  }
  static void TearDownTestSuite() { fs::remove_all(folder()); }

  static const fs::path& folder() {
    static const fs::path path = fs::temp_directory_path() / ("figment_program_" + std::to_string(getpid()));
    return path;
  }
  static testing::Finished& trained() {
    static testing::Finished result;
    return result;
  }
  static Words train(const Words& more = {}) {
    Words words = {"train", "vae", "--data", "data"};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static testing::Finished in_folder(const Words& arguments) { return testing::run(arguments, {}, folder()); }
  /// The JSON document that a verb prints; fails unless stdout holds nothing else.
  static Json document(const Words& arguments) {
    const auto result = in_folder(arguments);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse_json(result.out, "stdout");
  }
  static std::vector<Json> lines(const std::string& text) {
    std::vector<Json> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
      all.push_back(parse_json(line, "line " + std::to_string(all.size())));
    return all;
  }
  /// Of the newest checkpoint of the run that is stopped.
  static double seconds_saved() {
    std::set<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder() / "stopped/0001-vae/checkpoints"))
      if (entry.is_directory()) all.insert(entry.path() / "events.json");
    return parse_json(read_file(*all.rbegin()), "events.json").at("seconds");
  }
  static Image picture(const std::string& name) { return decode_image(read_file(folder() / name), name); }
  /// The file is a sheet of so many pictures of 8 x 8 without names.
  static void expect_sheet(const std::string& name, int64_t count, int64_t columns) {
    const GridSides sides = sheet_layout(count, columns, 8, 8, false).sides;
    EXPECT_EQ(picture(name).width, sides.width) << name;
    EXPECT_EQ(picture(name).height, sides.height) << name;
  }
};

TEST_F(ProgramRun, TrainPrintsTheRunOnStdoutAndProgressOnStderr) {
  const std::string path = trained().out.substr(0, trained().out.size() - 1);
  EXPECT_EQ(trained().out, path + "\n");
  EXPECT_TRUE(fs::exists(folder() / path / "recipe.toml")) << path;
  EXPECT_THAT(trained().err, AllOf(HasSubstr("2,000 images"), HasSubstr("loss"), HasSubstr("finished")));
  EXPECT_THAT(trained().err, ::testing::Not(HasSubstr("\r"))) << "plain lines where there is no terminal";
  EXPECT_THAT(trained().err, AllOf(HasSubstr("\nvalidation after 2,000 images:  "), HasSubstr("  bound_nats ")));
  EXPECT_THAT(trained().err, ::testing::Not(HasSubstr("rate/"))) << "learning rates are for the report";
}

TEST_F(ProgramRun, JsonLinesEndWithTheRunsPath) {
  const auto result = in_folder(train({"--json", "--out", "other"}));
  ASSERT_EQ(result.code, 0) << result.err;
  const std::vector<Json> events = lines(result.out);
  EXPECT_EQ(events.back()["event"], "finished");
  EXPECT_TRUE(fs::exists(folder() / events.back()["path"].get<std::string>() / "recipe.toml"));
  EXPECT_EQ(events.back()["run"], events.back()["path"]);
  EXPECT_EQ(events.back()["images"], 2000);
  const auto checkpoints = [](const Json& event) { return event["event"] == "checkpoint" && event["images"] == 2000; };
  EXPECT_EQ(std::count_if(events.begin(), events.end(), checkpoints), 1);

  const auto again = in_folder({"resume", "last", "--json", "--out", "other"});
  EXPECT_EQ(again.code, 0) << "resuming a finished run says so";
  EXPECT_EQ(lines(again.out).back()["path"], events.back()["path"]);
}

TEST_F(ProgramRun, ACtrlCSavesAndResumeFinishes) {
  testing::Program program(train({"--out", "stopped", "--json", "--set", "training.images=1e9"}), {}, folder());
  ASSERT_TRUE(program.says("scalar")) << program.wait().err;
  program.send(SIGINT);
  const auto stopped = program.wait();
  EXPECT_EQ(stopped.code, 130);
  EXPECT_THAT(stopped.err, HasSubstr("figment resume "));
  EXPECT_EQ(document({"runs", "--out", "stopped", "--json"})["runs"][0]["state"], "stopped");
  const double seconds = seconds_saved();

  testing::Program resumed({"resume", "1", "--out", "stopped", "--json"}, {}, folder());
  ASSERT_TRUE(resumed.says("scalar")) << resumed.wait().err;
  resumed.send(SIGTERM);
  EXPECT_EQ(resumed.wait().code, 143);
  EXPECT_GT(seconds_saved(), seconds) << "seconds of training, all told";
}

TEST_F(ProgramRun, ResumeRefusesAnotherSeed) {
  const auto result = in_folder({"resume", "last", "--seed", "77"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("the run was trained with --seed 1 and must keep it"));
  EXPECT_EQ(in_folder({"resume", "last", "--seed", "1", "--threads", "1"}).code, 0);
}

TEST_F(ProgramRun, ASampledPictureSaysWhereItComesFrom) {
  const Json json = document({"sample", "last", "-n", "10", "-o", "s.png", "--seed", "7", "--json"});
  const auto text = png_text(read_file(folder() / "s.png"), "s.png");
  EXPECT_EQ("runs/" + text.at("run") + "\n", trained().out) << "the same bytes wherever the runs lie";
  EXPECT_EQ(text.at("seed"), "7");
  EXPECT_EQ(text.at("version"), kVersion);
  EXPECT_EQ(text.at("model"), "vae");
  EXPECT_EQ(json["weights"], text.at("weights"));
  EXPECT_EQ(picture("s.png").width, 2 + 4 * (96 + 2)) << "pictures of 8 x 8 are shown as 96 x 96";
  expect_sheet("s.png", 10, 4);
}

TEST_F(ProgramRun, ImageSeventeenLooksTheSameAloneAndInAGrid) {
  document({"sample", "last", "-n", "2", "-o", "two.png", "--seed", "16", "--json"});
  document({"sample", "last", "-n", "1", "-o", "one.png", "--seed", "17", "--json"});
  const Image two = picture("two.png"), one = picture("one.png");
  const int64_t to_next = two.width - one.width;
  for (int64_t y = 0; y < one.height; ++y)
    for (int64_t x = 2; x < one.width; ++x)
      ASSERT_EQ(one.pixels[size_t(y * one.width + x)], two.pixels[size_t(y * two.width + x + to_next)])
          << x << " " << y;
}

TEST_F(ProgramRun, SamplesAsFilesAreThoseOfTheSheet) {
  const Json json = document({"sample", "last", "-n", "3", "--files", "drawn", "--seed", "16", "--json"});
  EXPECT_EQ(json["images"], 3);
  document({"sample", "last", "-n", "1", "-o", "one.png", "--seed", "17", "--json"});
  const Image file = picture("drawn/000001.png"), sheet = picture("one.png");
  ASSERT_EQ(file.width, 8);
  for (int64_t y = 0; y < 8; ++y)
    for (int64_t x = 0; x < 8; ++x)
      ASSERT_EQ(file.pixels[size_t(y * 8 + x)], sheet.pixels[size_t((12 * y + 2) * sheet.width + 12 * x + 2)])
          << x << " " << y;
  EXPECT_EQ(png_text(read_file(folder() / "drawn/000001.png"), "").at("seed"), "17");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder() / "drawn"), fs::directory_iterator()), 3);
}

TEST_F(ProgramRun, GivenPicturesAreInterpolatedFromEachToTheNext) {
  document({"sample", "last", "-n", "3", "--files", "ends", "--json"});
  const Words ends = {"ends/000000.png", "ends/000001.png", "ends/000002.png"};
  Words words = {"interpolate", "last", "--steps", "4", "-o", "between.png", "--json"};
  words.insert(words.end(), ends.begin(), ends.end());
  document(words);
  expect_sheet("between.png", 8, 4);
  const auto one = in_folder({"interpolate", "last", ends[0]});
  EXPECT_EQ(one.code, 2);
  EXPECT_THAT(one.err, HasSubstr("two images at least"));
}

TEST_F(ProgramRun, GridsHaveARowForEachWay) {
  document({"interpolate", "last", "--rows", "3", "--steps", "5", "-o", "i.png", "--json"});
  expect_sheet("i.png", 15, 5);
  document({"traverse", "last", "--rows", "3", "--steps", "4", "-o", "t.png", "--json"});
  expect_sheet("t.png", 12, 4);
  document({"reconstruct", "last", "-n", "4", "-o", "r.png", "--json"});
  expect_sheet("r.png", 8, 8);
  document({"reconstruct", "last", "s.png", "-o", "mine.png", "--json"});
  expect_sheet("mine.png", 2, 2);
}

TEST_F(ProgramRun, EncodeWritesNpyAndCsvOfTheTestSplit) {
  const Json json = document({"encode", "last", "-o", "codes.npy", "--json"});
  EXPECT_EQ(json["images"], 40);
  EXPECT_EQ(json["numbers"], 3);
  EXPECT_THAT(read_file(folder() / "codes.npy"), AllOf(HasSubstr("'shape': (40, 3)"), HasSubstr("<f4")));
  std::istringstream csv(read_file(folder() / "codes.csv"));
  std::string head, line;
  std::getline(csv, head);
  EXPECT_EQ(head, "label,z0,z1,z2");
  int count = 0;
  while (std::getline(csv, line)) {
    ++count;
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 3) << line;
  }
  EXPECT_EQ(count, 40);
}

TEST_F(ProgramRun, AFolderThatIsNamedIsEncodedWholeWithTheNamesOfItsFiles) {
  document({"sample", "last", "-n", "12", "--files", "given", "--json"});
  EXPECT_EQ(document({"encode", "last", "--data", "given", "-o", "given.npy", "--json"})["images"], 12);
  std::istringstream csv(read_file(folder() / "given.csv"));
  std::string head, first;
  std::getline(csv, head), std::getline(csv, first);
  EXPECT_EQ(head, "name,z0,z1,z2");
  EXPECT_EQ(first.substr(0, 11), "000000.png,");
  EXPECT_LT(document({"encode", "last", "--data", "given", "--split", "train", "-o", "t.npy", "--json"})["images"], 12);
}

TEST_F(ProgramRun, EvaluateNamesValueUnitSplitCountAndSeed) {
  const Json json = document({"evaluate", "last", "-k", "5", "--seed", "3", "--json"});
  EXPECT_EQ(json["model"], "vae");
  EXPECT_EQ(json["run"].get<std::string>() + "\n", trained().out);
  for (const char* name : {"elbo_nats", "reconstruction_nats", "kl_nats", "iwae_5_nats", "active_units"}) {
    ASSERT_TRUE(json["metrics"].contains(name)) << name;
    const Json& metric = json["metrics"][name];
    EXPECT_TRUE(metric["value"].is_number()) << name;
    EXPECT_TRUE(metric["unit"].is_string()) << name;
    EXPECT_EQ(metric["split"], "test");
    EXPECT_EQ(metric["n"], 40);
    EXPECT_EQ(metric["seed"], 3);
  }
  const auto text = in_folder({"evaluate", "last", "-k", "5", "--seed", "3"});
  EXPECT_THAT(text.out, HasSubstr("elbo_nats"));
}

TEST_F(ProgramRun, WithoutAValidationPartItTrainsAndShowsTrainingImages) {
  const auto result =
      in_folder(train({"--out", "unvalidated", "--set", "data.validation=0", "--set", "training.images=200"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(in_folder({"sample", "last", "--out", "unvalidated", "-o", "u.png"}).code, 0);
  EXPECT_EQ(in_folder({"evaluate", "last", "--out", "unvalidated", "-n", "1", "-k", "0"}).err, "");
}

TEST_F(ProgramRun, FiguresAddUpUntilTrainingGoesOn) {
  ASSERT_EQ(in_folder({"evaluate", "last", "-k", "5"}).code, 0);
  ASSERT_EQ(in_folder({"evaluate", "last", "-k", "0"}).code, 0);
  const fs::path kept = folder() / trained().out.substr(0, trained().out.size() - 1) / "evaluation.json";
  EXPECT_TRUE(parse_json(read_file(kept), "kept")["metrics"].contains("iwae_5_nats"));
}

TEST_F(ProgramRun, ALookAtAFewImagesDoesNotReplaceTheFiguresOfAll) {
  ASSERT_EQ(in_folder({"evaluate", "last", "-k", "5"}).code, 0);
  const fs::path kept = folder() / trained().out.substr(0, trained().out.size() - 1) / "evaluation.json";
  const std::string of_all = read_file(kept);
  EXPECT_EQ(document({"evaluate", "last", "-k", "2", "-n", "7", "--json"})["metrics"]["elbo_nats"]["n"], 7);
  EXPECT_EQ(read_file(kept), of_all);
}

TEST_F(ProgramRun, RunsListsPathModelAndState) {
  const Json json = document({"runs", "--json"});
  ASSERT_GE(json["runs"].size(), 1u);
  EXPECT_EQ(json["runs"][0]["path"].get<std::string>() + "\n", trained().out);
  EXPECT_EQ(json["runs"][0]["model"], "vae");
  EXPECT_EQ(json["runs"][0]["state"], "finished");
  EXPECT_EQ(document({"runs", "--out", "nothing", "--json"})["runs"], Json::array());
}

TEST_F(ProgramRun, DataCountsAndShows) {
  const Json json = document({"data", "data", "-o", "d.png", "--json"});
  EXPECT_EQ(json["test"], 40);
  EXPECT_EQ(picture("d.png").width, 2 + 8 * 98);
  EXPECT_EQ(picture("d.png").height, 2 + 8 * (98 + 12)) << "each with its class below";
  EXPECT_THAT(in_folder({"data", "data"}).out, HasSubstr("test: 40"));
}

TEST_F(ProgramRun, DoctorReports) { EXPECT_EQ(document({"doctor", "--json", "--threads", "1"})["figment"], kVersion); }

TEST_F(ProgramRun, AUsersMistakeIsASentenceAndExit2) {
  for (const Words& words :
       {Words{"sample", "99"}, Words{"sample", "data"}, Words{"train", "vae", "--data", "nowhere"},
        Words{"sample", "last", "--class", "boot"}, Words{"traverse", "last", "-d", "3"},
        Words{"sample", "last", "-o", "no/such/folder.png"}, Words{"data", "nowhere"},
        Words{"reconstruct", "last", "data/train-labels-idx1-ubyte"}, Words{"evaluate", "last", "--data", "nowhere"}}) {
    const auto result = in_folder(words);
    EXPECT_EQ(result.code, 2) << ::testing::PrintToString(words) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST_F(ProgramRun, EveryVerbTakesTheCommonOptions) {
  for (const char* verb : {"resume", "sample", "reconstruct", "interpolate", "traverse", "encode", "evaluate"})
    EXPECT_EQ(in_folder({verb, "last", "--seed", "1", "--threads", "1", "--device", "cpu", "--json"}).code, 0) << verb;
  for (const Words& words :
       {Words{"describe", "vae"}, Words{"models"}, Words{"runs"}, Words{"data", "data"}, Words{"doctor"}}) {
    Words all = words;
    all.insert(all.end(), {"--seed", "1", "--threads", "1", "--device", "cpu", "--json"});
    EXPECT_EQ(in_folder(all).code, 0) << words.front();
  }
}

}  // namespace
}  // namespace figment
