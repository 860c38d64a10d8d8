// The program from outside: what computes nothing. Each runs with an engine that cannot be loaded, so a test passes
// only when the engine is not touched.
#include <gmock/gmock.h>

#include <fstream>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "figment/contracts/sample_options.h"
#include "figment/models/cards.h"
#include "tests/run_program.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

testing::Finished without_engine(const std::vector<std::string>& arguments) {
  return testing::run(arguments, {{"FIGMENT_LIBRARY", "/nowhere/libfigment.so"}});
}

const std::vector<std::string> kVerbs = {"train",       "resume",   "sample", "complete", "reconstruct",
                                         "interpolate", "traverse", "encode", "evaluate", "describe",
                                         "models",      "runs",     "data",   "doctor",   "completion"};

/// Exit 2, nothing on stdout, the sentence on stderr.
void expect_sentence(const std::vector<std::string>& arguments, const ::testing::Matcher<std::string>& sentence) {
  const auto result = without_engine(arguments);
  EXPECT_EQ(result.code, 2) << result.out << result.err;
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, sentence);
}

TEST(Program, SaysItsVersion) {
  const auto result = without_engine({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, ::testing::MatchesRegex("figment [0-9.]+\n"));
}

TEST(Program, EveryVerbHasHelpWithExamplesAndTheCommonOptions) {
  const auto all = without_engine({"--help"});
  for (const std::string& verb : kVerbs) {
    EXPECT_THAT(all.out, HasSubstr("  " + verb));
    const auto help = without_engine({verb, "--help"});
    EXPECT_EQ(help.code, 0) << verb;
    EXPECT_THAT(help.out, AllOf(HasSubstr("Example"), HasSubstr("\n  figment " + verb), HasSubstr("--seed"),
                                HasSubstr("--threads"), HasSubstr("--device"), HasSubstr("--json")))
        << verb;
  }
}

TEST(Program, MisspeltWordsGetTheNearest) {
  expect_sentence({"trian", "vae"}, HasSubstr("no verb 'trian'; did you mean 'train'?"));
  expect_sentence({"train", "vea"}, HasSubstr("no model 'vea'; did you mean 'vae'?"));
  expect_sentence({"describe", "vea", "--json"}, HasSubstr("did you mean 'vae'?"));
  expect_sentence({"sample", "last", "--temprature", "2"},
                  HasSubstr("unknown option '--temprature'; did you mean '--temperature'?"));
  expect_sentence({"train", "vae", "--set", "traning.images=3"},
                  HasSubstr("unknown key 'traning'; did you mean 'training'?"));
  expect_sentence({"train", "vae", "--set", "training.imags=3"},
                  StartsWith("training.imags=3: unknown key 'imags' in [training]; did you mean 'images'?"));
  expect_sentence({"train", "vae", "--set", "model.optimizer.learning_rat=3"},
                  HasSubstr("did you mean 'learning_rate'?"));
}

TEST(Program, WordsOfOtherProgramsPointToTheSettingsThatAreMeant) {
  expect_sentence({"train", "vae", "--size", "64"},
                  HasSubstr("figment train: there is no option '--size'; write --set data.size=N"));
  expect_sentence({"train", "vae", "--epochs=3"}, HasSubstr("write --set training.images=N, which counts images"));
  expect_sentence({"train", "vae", "--lr", "1"}, HasSubstr("write --set model.optimizer.learning_rate=N"));
  expect_sentence({"train", "vae", "--batch-size", "1"}, HasSubstr("write --set training.batch_size=N"));
  expect_sentence({"train", "vae", "--set", "lr=1"}, HasSubstr("write --set model.optimizer.learning_rate=N"));
  expect_sentence({"train", "vae", "--set", "seed=1"}, HasSubstr("write --set training.seed=N"));
  expect_sentence({"train", "vae", "--device", "gpu"}, HasSubstr("write cuda for the first NVIDIA GPU"));
  expect_sentence({"train", "vae", "--device", "GPU:1"}, HasSubstr("cuda:N for another"));
}

TEST(Program, CommandsToPasteAreQuoted) {
  expect_sentence({"sample", "last", "--out", "my runs"}, HasSubstr("`figment train vae --out 'my runs'` makes one"));
}

TEST(Program, MisspeltFilesAndRunsGetTheNearest) {
  const auto out = std::filesystem::temp_directory_path() / ("figment_runs_" + std::to_string(getpid()));
  std::filesystem::create_directories(out / "0003-vae");
  std::ofstream(out / "0003-vae" / "recipe.toml") << "[model]\nid = \"vae\"\n";
  std::ofstream(out / "short.toml") << "";
  const auto in_out = [&](const char* verb, const std::string& run) {
    return std::vector<std::string>{verb, run, "--out", out.string()};
  };
  expect_sentence({"sample", "last", "--out", "x.png"}, HasSubstr("name the file with -o x.png"));
  expect_sentence(in_out("sample", "lst"), HasSubstr("no run 'lst'; did you mean 'last'?"));
  expect_sentence(in_out("evaluate", (out / "0004-vae").string()),
                  HasSubstr("did you mean '" + (out / "0003-vae").string()));
  expect_sentence(in_out("resume", "99"), HasSubstr("holds 1 run. RUN is a folder, a number, a name or `last`"));
  expect_sentence({"train", (out / "shrt.toml").string()}, HasSubstr("did you mean '" + (out / "short.toml").string()));
  expect_sentence({"train", "vae", "--data", "fashion-mnst"}, HasSubstr("did you mean 'fashion-mnist'?"));
  expect_sentence({"evaluate", "last", "--data", "fashion-mnst"}, HasSubstr("did you mean 'fashion-mnist'?"));
  expect_sentence({"data", "fashion-mnst"}, HasSubstr("did you mean 'fashion-mnist'?"));
  expect_sentence({"encode", "last", "--split", "tset"}, HasSubstr("did you mean 'test'?"));
  expect_sentence({"sample", std::string(300, 'a')}, HasSubstr("there is no run 'aaa"));
  std::filesystem::create_directories(out / "0004-vae");
  expect_sentence(in_out("sample", "4"), HasSubstr("is no run: it holds no recipe.toml"));
  std::filesystem::remove(out / "0004-vae");
  std::ofstream(out / "0003-vae" / "recipe.toml") << "[model\n";
  EXPECT_EQ(parse_json(without_engine({"runs", "--out", out.string(), "--json"}).out, "stdout")["runs"][0]["state"],
            "damaged");
  std::ofstream(out / "0003-vae" / "recipe.toml") << "[model]\nid = \"vae\"\n";
  const auto runs = without_engine({"runs", "--out", out.string(), "--json"});
  EXPECT_EQ(parse_json(runs.out, "stdout")["runs"][0]["state"], "stopped");
  std::filesystem::remove_all(out);
}

TEST(Program, TheRecipeOfAModelIsPrintedAsAFile) {
  EXPECT_EQ(without_engine({"describe", "vae", "--recipe"}).out,
            read_file(FIGMENT_SOURCE "/figment/models/vae/recipe.toml"));
}

TEST(Program, ASettingThatTheChosenNetworkDoesNotReadIsRefused) {
  expect_sentence(
      {"train", "vae", "--set", "model.hidden=[400]"},
      StartsWith("model.hidden=[400]: 'hidden' in [model] has no effect here: it is used only where network "
                 "is dense or gated_dense"));
  expect_sentence({"train", "vae", "--set", "model.network=dense", "--set", "model.trunk.width=8"},
                  HasSubstr("[trunk] is used only where network is conv"));
  expect_sentence({"train", "vae", "--set", "model.scale=0.2"},
                  HasSubstr("it is used only where likelihood is gaussian or learned_gaussian"));
  EXPECT_THAT(without_engine({"describe", "vae"}).out,
              AllOf(HasSubstr("(0.0001 to 10); used only where likelihood is gaussian or learned_gaussian\n"),
                    ::testing::ContainsRegex("trunk.width .*; used only where network is conv\n")));
}

TEST(Program, AMistakeInARecipeIsNamedByItsPlace) {
  const auto file = std::filesystem::temp_directory_path() / ("figment_recipe_" + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << "[model]\nid = \"vae\"\n\n[training]\nimags = 5\n";
  expect_sentence({"train", file.string()}, StartsWith(file.string() + ":5:1: unknown key 'imags' in [training]"));
  std::ofstream(file) << "[training]\nimages = 5\n";
  expect_sentence({"train", file.string()}, HasSubstr("names its model"));
  std::ofstream(file) << "[training\n";
  expect_sentence({"train", file.string()}, StartsWith(file.string() + ":1:10: "));
  std::filesystem::remove(file);
  expect_sentence({"train", file.string()}, HasSubstr("there is no recipe '" + file.string() + "'"));
}

TEST(Program, ValuesOutOfRangeAreRefusedBeforeTheEngineLoads) {
  expect_sentence({"train", "vae", "--set", "training.images=0"},
                  HasSubstr("'images' in [training] must be between 1 and"));
  expect_sentence({"train", "vae", "--set", "training.images=many"}, HasSubstr("must be a whole number, got 'many'"));
  expect_sentence({"train", "vae", "--set", "training"}, HasSubstr("write table.key=value"));
  expect_sentence({"train", "vae", "--seed", "-1"}, HasSubstr("--seed"));
  expect_sentence({"train", "vae", "--device", "tpu"}, HasSubstr("no device 'tpu'; did you mean 'cpu'?"));
  expect_sentence({"sample", "last", "--temperature", "99"},
                  HasSubstr("'temperature' must be between 0 and 10, got 99"));
  expect_sentence({"sample", "last", "-o", "x.jpg"}, HasSubstr("must end with .png"));
  expect_sentence({"evaluate", "last", "--split", "trial"},
                  HasSubstr("one of train, validation, test and all, got 'trial'"));
  expect_sentence({"completion", "tcsh"}, HasSubstr("one of bash, zsh and fish, got 'tcsh'"));
}

TEST(Program, MissingWordsGetASentence) {
  expect_sentence({}, HasSubstr("figment --help"));
  expect_sentence({"sample"}, HasSubstr("RUN is required; `figment sample --help`"));
  expect_sentence({"train", "vae", "--data"}, HasSubstr("--data"));
  expect_sentence({"train", "vae", "fast"}, HasSubstr("unexpected word 'fast'"));
  expect_sentence({"--json", "models"}, HasSubstr("options of a verb stand after it"));
}

TEST(Program, AMissingEngineGetsASentence) {
  expect_sentence({"train", "vae"}, AllOf(HasSubstr("/nowhere/libfigment.so"), HasSubstr("FIGMENT_LIBRARY")));
  const auto doctor = without_engine({"doctor", "--json"});
  EXPECT_EQ(doctor.code, 2);
  EXPECT_THAT(parse_json(doctor.out, "stdout").at("engine").get<std::string>(), HasSubstr("/nowhere/libfigment.so"));
}

TEST(Program, DescribeShowsEveryDefaultOfTheTables) {
  for (const ModelCard& model : model_cards()) {
    const auto result = without_engine({"describe", std::string(model.id), "--json"});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_THAT(result.err, IsEmpty());
    const Json json = parse_json(result.out, "stdout");
    EXPECT_EQ(json["settings"]["model"], schema_json(model.defaults, model.fields));
    EXPECT_EQ(json["recipe"], model.recipe);
    const auto text = without_engine({"describe", std::string(model.id)});
    for (const Field& row : model.fields) EXPECT_THAT(text.out, HasSubstr("\n  " + std::string(row.name)));
  }
}

TEST(Program, ModelsListsTheCatalog) {
  const Json json = parse_json(without_engine({"models", "--json"}).out, "stdout");
  ASSERT_EQ(json["models"].size(), model_cards().size());
  for (size_t i = 0; i < model_cards().size(); ++i) EXPECT_EQ(json["models"][i]["model"], model_cards()[i].id);
}

TEST(Program, EverySampleOptionIsAWordOfTheCommandLine) {
  const auto help = without_engine({"sample", "--help"});
  for (const Field& row : kFields<SampleOptions>) {
    std::string name = "--" + std::string(row.name);
    std::replace(name.begin(), name.end(), '_', '-');
    EXPECT_THAT(help.out, AllOf(HasSubstr(name), HasSubstr(std::string(row.doc))));
  }
}

/// What bash offers after these words.
std::string completed(const std::string& words) {
  const std::string command = std::string("bash -c 'source /dev/stdin; COMP_WORDS=(") + words +
                              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _figment; echo \"${COMPREPLY[@]}\"'";
  std::FILE* pipe = popen((std::string(FIGMENT_PROGRAM) + " completion bash | " + command).c_str(), "r");
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), pipe));
  pclose(pipe);
  return text;
}

TEST(Program, BashCompletesVerbsOptionsAndModels) {
  EXPECT_EQ(completed("figment tr"), "train traverse\n");
  EXPECT_EQ(completed("figment train va"), "vae vae/colour vae/long vae/short\n");
  EXPECT_EQ(completed("figment sample last --tem"), "--temperature\n");
  EXPECT_THAT(completed("figment \"\""), AllOf(HasSubstr("train"), HasSubstr("doctor")));
}

TEST(Program, OtherShellsGetEveryVerb) {
  for (const std::string shell : {"zsh", "fish"}) {
    const auto result = without_engine({"completion", shell});
    EXPECT_EQ(result.code, 0);
    for (const std::string& verb : kVerbs) EXPECT_THAT(result.out, HasSubstr(verb)) << shell;
  }
}

}  // namespace
}  // namespace figment
