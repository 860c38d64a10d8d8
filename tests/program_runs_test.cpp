// The program from outside: what a person does with runs that are there.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "figment/records/run_folder.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ProgramRuns : public testing::ProgramFolder {
 protected:
  std::string train(const Words& more = {}) const {
    const auto result = figment(joined(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining), more));
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  }
};

TEST_F(ProgramRuns, ANamedRunIsFoundByItsNameAndShowsItsNote) {
  EXPECT_EQ(train({"--name", "shoes", "--note", "half the rate"}), "runs/0001-shoes\n");
  EXPECT_EQ(document({"sample", "shoes", "-n", "1", "-o", "one.png", "--json"})["run"], "runs/0001-shoes");
  const Json run = document({"runs", "--json"})["runs"][0];
  EXPECT_EQ(run["note"], "half the rate");
  EXPECT_EQ(run["model"], "vae");
  EXPECT_EQ(run["score"]["name"], "bound_nats");
  EXPECT_GT(run["score"]["value"].get<double>(), 0);
  EXPECT_GT(run["bytes"], 10000);
  EXPECT_THAT(figment({"runs"}).out, AllOf(HasSubstr("bound_nats "), HasSubstr(" kB "), HasSubstr("half the rate\n")));
  EXPECT_THAT(read_file(folder_ / "runs/0001-shoes/report.html"), HasSubstr("half the rate"));

  for (const char* name : {"last", "7", "../x"})
    EXPECT_EQ(figment(joined({"train", "vae", "--data", "data", "--name", name}, testing::kTinyTraining)).code, 2);
  EXPECT_EQ(entries_of(folder_ / "runs").size(), 1u) << "nothing was begun under a bad name";
}

TEST_F(ProgramRuns, ARenamedRunIsResumedAndDrawn) {
  train({"--set", "training.images=1000"});
  document({"runs", "1", "--name", "boots", "--note", "a try", "--json"});
  EXPECT_TRUE(fs::exists(folder_ / "runs/0001-boots/note.txt"));
  EXPECT_EQ(figment({"resume", "boots", "--images", "2000"}).code, 0);
  EXPECT_EQ(document({"runs", "boots", "--json"})["runs"][0]["images"], 2000);
  document({"runs", "boots", "--note", "", "--json"});
  EXPECT_FALSE(fs::exists(folder_ / "runs/0001-boots/note.txt"));
  fs::rename(folder_ / "runs/0001-boots", folder_ / "runs/moved by hand");
  EXPECT_EQ(document({"runs", "--json"})["runs"][0]["path"], "runs/moved by hand");
  EXPECT_EQ(figment({"sample", "moved by hand", "-n", "1", "-o", "one.png"}).code, 0);
}

TEST_F(ProgramRuns, AFinishedRunWithoutItsCheckpointsIsTrainedAnew) {
  train();
  const fs::path checkpoints = folder_ / "runs/0001-vae/checkpoints";
  const std::string weights = document({"sample", "1", "-n", "1", "-o", "one.png", "--json"})["weights"];
  fs::remove_all(checkpoints);
  EXPECT_THAT(figment({"sample", "1"}).err,
              HasSubstr("has no checkpoint yet; `figment resume runs/0001-vae` trains it"));
  EXPECT_EQ(figment({"resume", "1"}).code, 0);
  EXPECT_EQ(document({"sample", "1", "-n", "1", "-o", "one.png", "--json"})["weights"], weights);
}

TEST_F(ProgramRuns, ARunIsDeletedOnlyWhenSomebodyAgrees) {
  train(), train();
  const auto asked = figment({"runs", "1", "--delete"});
  EXPECT_EQ(asked.code, 2);
  EXPECT_THAT(asked.err, AllOf(HasSubstr("delete runs/0001-vae ("), HasSubstr("the input is no terminal; add --yes")));
  EXPECT_TRUE(fs::exists(folder_ / "runs/0001-vae"));
  write_file(folder_ / "runs/0001-vae/thesis.tex", "mine");
  const auto foreign = figment({"runs", "1", "--delete", "--yes"});
  EXPECT_EQ(foreign.code, 2);
  EXPECT_THAT(foreign.err, HasSubstr("figment did not write all that it holds: 'thesis.tex'"));
  fs::remove(folder_ / "runs/0001-vae/thesis.tex");
  EXPECT_EQ(figment({"runs", "1", "--delete", "--yes"}).out, "deleted runs/0001-vae\n");
  EXPECT_FALSE(fs::exists(folder_ / "runs/0001-vae"));
  EXPECT_TRUE(fs::exists(folder_ / "runs/0002-vae"));
  EXPECT_EQ(document({"runs", "last", "--delete", "--yes", "--json"})["deleted"][0], "runs/0002-vae");
  EXPECT_THAT(figment({"runs"}).out, HasSubstr("no runs in runs"));
  for (const Words& words : {Words{"runs", "--delete"}, Words{"runs", "9", "--note", "x"}, Words{"runs", "--yes"}})
    EXPECT_EQ(figment(words).code, 2);
}

TEST_F(ProgramRuns, ASlashBehindTheFolderChangesNothing) {
  train();
  EXPECT_EQ(document({"sample", "runs/0001-vae/", "-n", "1", "-o", "one.png", "--json"})["run"], "runs/0001-vae");
  EXPECT_THAT(figment({"evaluate", "runs/0001-vae/", "-k", "0", "-n", "10"}).out, HasSubstr("--out runs` makes one"));
  EXPECT_EQ(document({"runs", "runs/0001-vae/", "--name", "shoes", "--json"})["runs"][0]["path"], "runs/0001-shoes");
  EXPECT_EQ(figment({"runs", "runs/0001-shoes/", "--delete", "--yes"}).out, "deleted runs/0001-shoes\n");
}

TEST_F(ProgramRuns, SamplesAsFilesNeedAFolderOfTheirOwn) {
  train();
  EXPECT_EQ(figment({"sample", "1", "-n", "3", "--files", "drawn"}).code, 0);
  EXPECT_THAT(figment({"sample", "1", "-n", "2", "--files", "drawn"}).err,
              HasSubstr("--files drawn: the folder is not empty; name an empty or a new one"));
  EXPECT_EQ(figment({"sample", "1", "--files", "more", "-o", "x.png"}).code, 2) << "one of the two would be ignored";
}

/// A terminal at which nobody sits.
class Terminal {
 public:
  Terminal() : person_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (person_ < 0 || ::grantpt(person_) != 0 || ::unlockpt(person_) != 0) throw std::runtime_error("no terminal");
    name_ = ::ptsname(person_);
    program_ = ::open(name_.c_str(), O_RDWR | O_NOCTTY);  // held open, so that what is typed early stays
  }
  ~Terminal() { ::close(program_), ::close(person_); }
  Terminal(const Terminal&) = delete;
  void type(const std::string& text) const {
    ASSERT_EQ(::write(person_, text.data(), text.size()), ssize_t(text.size()));
  }
  const std::string& name() const { return name_; }

 private:
  int person_, program_ = -1;
  std::string name_;
};

TEST_F(ProgramRuns, OnlyAYesDeletes) {
  const fs::path run = folder_ / "runs/0001-vae";
  make_folder(run);
  write_file(run / "recipe.toml", "[model]\nid = \"vae\"\n");
  write_file(run / "manifest.json", R"({"format": 2})");
  const Terminal terminal;
  for (const char* answer : {"n", "", "Yes, but later", "y"}) {
    EXPECT_TRUE(fs::exists(run)) << "before " << answer;
    terminal.type(std::string(answer) + "\n");
    const auto result = testing::run_command(
        {"bash", "-c", "exec " FIGMENT_PROGRAM " runs 1 --delete <" + terminal.name()}, {}, folder_);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("delete runs/0001-vae (0 kB)? [y/N]"));
  }
  EXPECT_FALSE(fs::exists(run));
}

TEST_F(ProgramRuns, WordsThatWouldBeDroppedAreRefused) {
  train();
  EXPECT_EQ(figment({"runs", "1", "--note", "keep", "--delete", "--yes"}).code, 2);
  EXPECT_TRUE(fs::exists(folder_ / "runs/0001-vae"));
  EXPECT_THAT(figment({"runs", "1", "--note", std::string(70000, 'x')}).err,
              HasSubstr("a note has at most 65536 bytes"));
  EXPECT_TRUE(document({"describe", "vae", "--recipe", "--json"}).contains("recipe"));
}

TEST_F(ProgramRuns, AVqVaeEncodesEachImageAsItsCodes) {
  const auto trained = figment({"train", "vq_vae", "--data", "data", "--set", "training.images=200", "--set",
                                "training.batch_size=20", "--set", "model.quantizer.num_codes=6", "--threads", "1"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json json = document({"encode", "last", "-o", "codes.npy", "--json"});
  EXPECT_EQ(json["images"], 40);
  EXPECT_EQ(json["numbers"], 4);
  EXPECT_THAT(read_file(folder_ / "codes.npy"), AllOf(HasSubstr("'shape': (40, 2, 2)"), HasSubstr("<i8")));
  std::istringstream csv(read_file(folder_ / "codes.csv"));
  std::string head, line;
  std::getline(csv, head);
  EXPECT_EQ(head, "label,code0,code1,code2,code3");
  int rows = 0;
  while (std::getline(csv, line)) {
    ++rows;
    std::istringstream fields(line.substr(line.find(',') + 1));
    for (std::string code; std::getline(fields, code, ',');) EXPECT_LT(std::stoi(code), 6) << line;
  }
  EXPECT_EQ(rows, 40);
  EXPECT_THAT(figment({"sample", "last"}).err,
              HasSubstr("cannot draw samples; a prior over its codes can, `figment train pixel_cnn --parent "
                        "codes=runs/0001-vq_vae` trains one"));
}

}  // namespace
}  // namespace figment
