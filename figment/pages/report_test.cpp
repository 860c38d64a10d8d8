#include "figment/pages/report.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/test_folder.h"
#include "figment/media/image.h"
#include "figment/pages/page.h"
#include "figment/records/event_file.h"
#include "figment/records/run_record.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

const std::string kPicture =
    encode_png({.width = 4, .height = 4, .channels = 1, .pixels = std::vector<uint8_t>(16, 90)});

/// A folder like the one that a run leaves, small.
class ReportTest : public OwnFolder {
 protected:
  ReportTest() {
    run_ = folder / "0001-vae";
    fs::create_directory(run_);
  }

  void put(const fs::path& name, std::string_view bytes) const {
    fs::create_directories((run_ / name).parent_path());
    std::ofstream(run_ / name, std::ios::binary) << bytes;
  }
  void fill() const {
    put("recipe.toml",
        "[model]\nid = \"vae\"\nlatent = 40\n[model.optimizer]\nlearning_rate = 0.001\n[data]\nsource = "
        "\"fashion-mnist\"\n"
        "[training]\nimages = 3000\nbatch_size = 128\n");
    put("manifest.json",
        R"({"figment": "0.1.0", "model": "vae", "title": "Variational autoencoder", "command": "figment train vae",
        "seed": 12345, "parameters": 1240568,
        "data": {"source": "fashion-mnist", "hash": "00ff", "train": 58000, "validation": 2000}})");
    put("data.json",
        R"({"pixels": {"channels": 1, "height": 28, "width": 28, "levels": 256},
        "condition": {"labels": [{"name": "class", "names": ["a", "b"]}]}})");
    put("evaluation.json",
        R"({
        "metrics": {"elbo_nats": {"value": 236.12, "unit": "nats", "split": "test", "n": 10000,
          "seed": 0, "spread": 0.93}},
        "left_out": ["bits_per_dim: no density"], "warnings": ["15 of 40 carry nothing"],
        "series": {"kl_nats_per_dimension": [0.5, 2, 1], "parts": {"caption": "shares of it", "values": [3, 4]}},
        "histograms": {"sharpness": {"caption": "How sharp", "unit": "variance", "bin": 0.1,
          "shares": {"drawn": [0.25, 0.75], "real": [0.5, 0.5]}}, "broken": {"bin": "wide"}},
        "pictures": {"neighbours": {"file": "neighbours/000002000.png", "caption": "below it the nearest"},
          "outside": {"file": "../../other.png", "caption": "of another folder"}}})");
    put("neighbours/000002000.png", kPicture);
    put("samples/000001000.png", kPicture);
    put("samples/000002000.png", kPicture);
    put("reconstructions/000002000.png", kPicture);
    put("interpolation/000002000.png", kPicture);
    EventFile log(run_ / "events.jsonl");
    for (int64_t images : {1000, 2000}) {
      log.take({.images = images, .name = "train/loss", .value = 300});
      log.take({.images = images, .name = "validation/loss", .value = 310});
      log.take({.images = images, .name = "rate/model", .value = 1e-3});
      log.take({.images = images, .name = "train/minimax/pull", .value = 2});
      log.take({.images = images, .name = "train/hinge/pull", .value = 1});
      log.take({.kind = Event::Kind::kImage, .images = images, .name = "samples", .text = sample_path(images)});
    }
    log.take({.kind = Event::Kind::kImage,
              .images = 2000,
              .name = "interpolation",
              .text = "interpolation/000002000.png",
              .caption = "from one image to another"});
    log.take({.kind = Event::Kind::kWarning, .images = 2000, .text = "posterior collapse"});
  }
  static std::string sample_path(int64_t images) { return "samples/00000" + std::to_string(images) + ".png"; }
  std::string report() const {
    write_report(run_);
    return read_file(run_ / "report.html");
  }

  fs::path run_;
};

/// Whether a page has a part; a failing EXPECT_THAT would print the whole of it.
bool holds(const std::string& html, std::string_view part) { return html.find(part) != html.npos; }

size_t pictures_in(const std::string& html) {
  size_t count = 0;
  for (size_t at = html.find("<img"); at != std::string::npos; at = html.find("<img", at + 1)) ++count;
  return count;
}

TEST_F(ReportTest, AScoreOfARunThatWasNotEvaluatedCarriesItsUnit) {
  fill();
  fs::remove(run_ / "evaluation.json");
  EventFile(run_ / "events.jsonl").take({.images = 2000, .name = "validation/bits_per_dim", .value = 3.25});
  EXPECT_TRUE(holds(report(), "3.25 <small>bits, 256 levels</small>"));
}

TEST_F(ReportTest, SaysWhetherATrainingHoldsTheRun) {
  fill();
  write_file(run_ / "note.txt", "half the <rate>");
  const FolderLock training(run_);
  EXPECT_TRUE(holds(report(), "In training when this page was written, at 2,000 of 3,000 images"));
  write_report(run_, true);
  EXPECT_TRUE(holds(read_file(run_ / "report.html"), "Stopped at 2,000 of 3,000 images"));
  EXPECT_TRUE(holds(read_file(run_ / "report.html"), "half the &lt;rate&gt;"));
}

TEST_F(ReportTest, ShowsEverythingTheFolderHolds) {
  fill();
  const std::string html = report();
  for (const char* part : {"Variational autoencoder",
                           "Stopped at 2,000 of 3,000 images",
                           "1,240,568",
                           "28 × 28, grey; one of 2 classes",
                           "236.1",
                           "test split · 10,000 images · seed 0 · ± 0.93",
                           "no density",
                           "Drawn after 2,000 images",
                           "<figcaption>1,000 images",
                           "Interpolation after 2,000 images",
                           "from one image to another",
                           "Learning rate",
                           "validation: 310 after 1,000 images",
                           "train: 300 after 1,000 images",
                           "minimax: 2 after 1,000 images, 2 after 2,000 images. hinge: 1",
                           "nearest training images after 2,000 images",
                           "below it the nearest",
                           "How sharp",
                           "drawn: 0.25 at 0.05",
                           "posterior collapse",
                           "15 of 40 carry nothing",
                           "shares of it",
                           "place 2: 4",
                           "[model.optimizer]",
                           "learning rate before warm-up and schedule",
                           "figment train vae",
                           "figment resume",
                           "00ff"})
    EXPECT_TRUE(holds(html, part)) << part;
  EXPECT_EQ(pictures_in(html), 5u);
  EXPECT_FALSE(holds(html, "while this page was written")) << "while this page was written";
  EXPECT_LT(html.find("rank 1: 2 nats"), html.find("rank 2: 1 nats")) << "the most telling dimension comes first";
}

/// Every kind, one that figment knows nothing of among them.
TEST_F(ReportTest, ShowsWhatTheDataGivesBesideEachImage) {
  fill();
  put("data.json", R"({"codes": {"num_codes": 64, "height": 14, "width": 7}, "condition": {
    "labels": [{"name": "class", "names": ["shirt", "trouser", "pullover", "dress", "coat", "sandal"]},
               {"name": "colour", "names": ["red"]}],
    "text": {"vocabulary": ["a", "shoe"], "merges": [], "max_tokens": 12},
    "image": {"channels": 3, "height": 32, "width": 64, "levels": 256},
    "codes": [{"num_codes": 512, "height": 4, "width": 8}],
    "others": {"gaze": {"tensors": ["point", "mask"]}}}})");
  const std::string html = report();
  for (const char* part : {"7 × 14 codes of 64; one of 6 classes",
                           "<td>class</td><td>class</td><td>6 values (shirt, trouser, pullover, dress, coat, …)</td>",
                           "<td>colour</td><td>attribute</td><td>1 value (red)</td>",
                           "<td>text</td><td>text</td><td>2 vocabulary (a, shoe), 0 merges, max tokens 12</td>",
                           "<td>image</td><td>picture</td><td>64 × 32, colour</td>",
                           "<td>codes 1</td><td>codes</td><td>8 × 4 codes of 512</td>",
                           "<td>gaze</td><td>own kind of the product</td><td>tensors point, mask</td>"})
    EXPECT_TRUE(holds(html, part)) << part;
  put("data.json", R"({"pixels": {"channels": 1, "height": 28, "width": 28}, "condition": {}})");
  EXPECT_FALSE(holds(report(), "Conditions in the data")) << "nothing stands there";
}

TEST_F(ReportTest, NeedsNothingFromElsewhere) {
  fill();
  const std::string html = report();
  EXPECT_FALSE(std::regex_search(html, std::regex("(src|href)=\"(?!data:)")));
  for (const char* outside : {"http:", "https:", "<script", "<link", "@import", "url("})
    EXPECT_FALSE(holds(html, outside)) << outside;
}

TEST_F(ReportTest, AFinishedRunSaysSoAndIsNotToBeResumed) {
  fill();
  EventFile(run_ / "events.jsonl").take({.kind = Event::Kind::kFinished, .images = 3000, .value = 312});
  const std::string html = report();
  EXPECT_TRUE(holds(html, "Finished after 3,000 images")) << "Finished after 3,000 images";
  EXPECT_TRUE(holds(html, "5 min 12 s")) << "5 min 12 s";
  EXPECT_FALSE(holds(html, "figment resume")) << "figment resume";
}

TEST_F(ReportTest, BeforeAnEvaluationItShowsTheLastValidation) {
  fill();
  fs::remove(run_ / "evaluation.json");
  EXPECT_TRUE(holds(report(), "validation split · 2,000 images"));
}

TEST_F(ReportTest, AnyPartMayBeMissing) {
  fill();
  for (const char* part : {"recipe.toml", "manifest.json", "data.json", "evaluation.json", "events.jsonl", "samples",
                           "reconstructions", "latent"}) {
    fs::remove_all(run_ / part);
    EXPECT_TRUE(holds(report(), "</html>")) << part;
  }
  EXPECT_TRUE(holds(report(), "manifest.json"));  // an empty folder: the page names what is missing
}

TEST_F(ReportTest, AnyPartMayBeCutAnywhere) {
  fill();
  for (const char* part :
       {"recipe.toml", "manifest.json", "data.json", "evaluation.json", "events.jsonl", "samples/000002000.png"}) {
    const std::string whole = read_file(run_ / part);
    for (size_t cut = 0; cut < whole.size(); cut += whole.size() / 12 + 1) {
      put(part, whole.substr(0, cut));
      ASSERT_TRUE(holds(report(), "</html>")) << part << " cut at " << cut;
    }
    put(part, whole);
  }
}

TEST_F(ReportTest, PartsOfAnotherTypeAreLeftOut) {
  fill();
  put("manifest.json",
      R"({"model": 3, "title": ["x"], "data": "here", "parameters": {"count": 7}, "command": null,
      "deep": {"a": {"b": 1}}})");
  put("data.json",
      R"({"pixels": [28, 28], "condition": {"labels": [{"names": 4}, 3], "codes": {"a": 1}, "text": [], "audio": 5,
      "others": [{"tensors": {}}]}})");
  put("evaluation.json",
      R"({"metrics": {"a": 1, "b": {"value": null}}, "left_out": {}, "warnings": [1, [2]],
      "series": {"u": {"values": {}}, "s": [1, "x", null], "t": 5}})");
  put("recipe.toml", "model = 3\n[training]\nimages = \"many\"\nlist = [1, 2]\n[[stages]]\nname = \"a\"\n");
  EXPECT_TRUE(holds(report(), "</html>"));
  put("manifest.json", R"({"a": )" + std::string(100000, '[') + std::string(100000, ']') + "}");
  EXPECT_TRUE(holds(report(), "</html>"));
}

TEST_F(ReportTest, WordsFromFilesAreNeverMarkup) {
  const std::string evil = "<img src=x onerror=alert(1)>";
  const Json quoted = evil;
  put("manifest.json",
      Json{{"model", evil}, {"title", evil}, {"command", evil}, {evil, evil}, {"data", {{"source", evil}, {evil, 1}}}}
          .dump());
  put("data.json", Json{{"pixels", {{"width", evil}, {"height", evil}}},
                        {"condition", {{evil, {{evil, {evil}}}}, {"labels", {{{"name", evil}, {"names", {evil}}}}}}}}
                       .dump());
  put("evaluation.json", Json{{"metrics", {{evil, {{"value", 1}, {"unit", evil}, {"split", evil}}}}},
                              {"left_out", {evil}},
                              {"warnings", {evil}},
                              {"series", {{evil, {1, 2}}}}}
                             .dump());
  put("recipe.toml", "[model]\nid = " + quoted.dump() + "\n[model." + quoted.dump() + "]\n" + quoted.dump() + " = " +
                         quoted.dump() + "\n");
  put("inner/" + evil + ".png", kPicture);
  EventFile log(run_ / "events.jsonl");
  log.take({.images = 1, .name = "train/" + evil, .value = 1});
  log.take({.kind = Event::Kind::kWarning, .text = evil});
  log.take({.kind = Event::Kind::kImage, .name = evil, .text = "inner/" + evil + ".png", .caption = evil});
  const std::string html = report();
  EXPECT_FALSE(holds(html, "<img src=x")) << "<img src=x";
  EXPECT_EQ(pictures_in(html), 1u);
}

TEST_F(ReportTest, ALogOfManyNamesMakesNoEndlessPage) {
  fill();
  std::string log;
  for (int i = 0; i < 20000; ++i) {
    const std::string name = std::to_string(i);
    log += json_text(to_json(Event{.images = 1, .name = "train/" + name, .value = 1})) + "\n";
    log += json_text(to_json(
               Event{.kind = Event::Kind::kImage, .images = 1, .name = name, .text = "samples/000002000.png"})) +
           "\n";
  }
  put("events.jsonl", log);
  const std::string html = report();
  EXPECT_LT(html.size(), size_t(4) << 20);
  EXPECT_LE(pictures_in(html), 110u);
}

TEST_F(ReportTest, PicturesOutsideTheFolderStayOutside) {
  fill();
  write_file(folder / "secret.png", kPicture);
  fs::create_symlink(folder / "secret.png", run_ / "samples" / "000003000.png");
  EventFile log(run_ / "events.jsonl");
  for (const std::string& path :
       {std::string("../secret.png"), (folder / "secret.png").string(), std::string("recipe.toml")})
    log.take({.kind = Event::Kind::kImage, .images = 5, .name = "elsewhere", .text = path});
  EXPECT_EQ(pictures_in(report()), 5u);
}

TEST_F(ReportTest, AFolderThatIsNotThereIsASentence) { EXPECT_THROW(write_report(run_ / "no"), FileError); }

TEST(RunRecord, ATrainingThatWentOnIsNotFinished) {
  RunRecord run;
  run.events = {{.kind = Event::Kind::kFinished, .images = 10}};
  EXPECT_NE(finish_of(run), nullptr);
  run.events.push_back({.images = 20});
  EXPECT_EQ(finish_of(run), nullptr);
}

}  // namespace
}  // namespace figment
