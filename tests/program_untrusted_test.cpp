// What the program says and does when names and files come from somebody who means no good.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "figment/checkpoint/safetensors.h"
#include "figment/media/image.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Untrusted : public testing::ProgramFolder {
 protected:
  void write_picture(const fs::path& file, uint8_t shade) const {
    make_folder((folder_ / file).parent_path());
    write_file(folder_ / file,
               encode_png({.width = 4, .height = 4, .channels = 1, .pixels = std::vector<uint8_t>(16, shade)}));
  }
  /// Exit 2, and a sentence that says this.
  void expect_sentence(const Words& words, const std::string& part) const {
    const auto result = figment(words);
    EXPECT_EQ(result.code, 2) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr(part));
  }
  void put_pipe(const fs::path& file) const {
    fs::remove(folder_ / file);
    ASSERT_EQ(::mkfifo((folder_ / file).c_str(), 0600), 0);
  }
};

TEST_F(Untrusted, NamesAreShownWithoutWhatATerminalWouldObey) {
  const std::string evil = "evil\x1b]0;title\x07\nwarning: all is lost";
  for (int i = 0; i < 12; ++i) {
    write_picture("photos/" + evil + "/" + std::to_string(i) + ".png", uint8_t(i));
    write_picture("photos/good/" + std::to_string(i) + ".png", uint8_t(i));
  }
  write_file(folder_ / "photos/good/torn\x1b[2J.png", "no picture");
  const auto shown = figment({"data", "photos"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(Not(HasSubstr("\x1b")), HasSubstr("evil\\x1b]0;title\\x07\\nwarning: all is lost"),
                               HasSubstr("torn\\x1b[2J.png")));
  EXPECT_EQ(document({"data", "photos", "--json"})["classes"][0]["name"], evil) << "JSON loses nothing";
  const auto wrong = figment({"sample", "no\x1b[31m run"});
  EXPECT_THAT(wrong.err, AllOf(Not(HasSubstr("\x1b")), HasSubstr("no\\x1b[31m run")));
}

TEST_F(Untrusted, NamesThatAreNoUtf8StayJson) {
  make_folder(folder_ / "caf\xe9/0001-vae");
  write_file(folder_ / "caf\xe9/0001-vae/recipe.toml", "[model]\nid = \"vae\"\n");
  EXPECT_EQ(document({"runs", "--out", "caf\xe9", "--json"})["runs"][0]["path"], "caf\\xe9/0001-vae");
  EXPECT_THAT(figment({"runs", "--out", "caf\xe9"}).out, HasSubstr("caf\\xe9/0001-vae"));
}

TEST_F(Untrusted, ATrainingIntoAFolderThatIsNoUtf8GoesOn) {
  Words words = {"train", "vae", "--data", "data", "--out", "caf\xe9", "--json"};
  const auto result = figment(joined(words, testing::kTinyTraining));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("caf\\\\xe9/0001-vae"));
}

TEST_F(Untrusted, APipeInPlaceOfAFileIsRefusedAtOnce) {
  put_pipe("data/train-images-idx3-ubyte");
  expect_sentence({"data", "data"}, "it is a named pipe");
  make_folder(folder_ / "out/0001-vae");
  put_pipe("out/0001-vae/recipe.toml");
  expect_sentence({"sample", "1", "--out", "out"}, "it is a named pipe");
  put_pipe("picture.png");
  expect_sentence({"reconstruct", "1", "picture.png", "--out", "out"}, "it is a named pipe");
}

TEST_F(Untrusted, ADamagedRunIsMeasuredOrSaysWhatIsWrong) {
  Words words = {"train", "vae", "--data", "data", "--out", "out"};
  ASSERT_EQ(figment(joined(words, testing::kTinyTraining)).code, 0);
  const fs::path run = folder_ / "out/0001-vae";
  std::ofstream(run / "events.jsonl", std::ios::app)
      << R"({"event":"scalar","images":1,"value":)" << std::string(300000, '[') << std::string(300000, ']') << "}\n"
      << R"({"event":"scalar","images":1e300,"name":"train/loss","value":1})" << "\n";
  EXPECT_EQ(figment({"evaluate", "1", "--out", "out", "-k", "0"}).code, 0);

  const std::string examples = read_file(run / "examples.safetensors");
  std::string damaged = examples;
  damaged.back() = char(damaged.back() ^ 1);
  write_file(run / "examples.safetensors", damaged);
  expect_sentence({"reconstruct", "1", "--out", "out"}, "examples.safetensors: the file is damaged");
  TensorMap none = from_safetensors(examples, "x").tensors;
  for (auto& [name, tensor] : none) tensor = tensor.narrow(0, 0, 0);
  write_file(run / "examples.safetensors", to_safetensors(none));
  expect_sentence({"reconstruct", "1", "--out", "out"}, "holds no example");
  write_file(run / "examples.safetensors", examples);
  EXPECT_EQ(figment({"reconstruct", "1", "--out", "out"}).code, 0);

  write_file(run / "data.json", R"({"pixels": {"channels": 1, "height": 65536, "width": 65536}, "condition": {}})");
  expect_sentence({"sample", "1", "--out", "out"}, "data.json: 'pixels' must say how large an example is");
}

}  // namespace
}  // namespace figment
