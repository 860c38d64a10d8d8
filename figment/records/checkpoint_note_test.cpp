#include "figment/records/checkpoint_note.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class CheckpointNoteTest : public testing::Test {
 protected:
  CheckpointNoteTest() {
    std::string pattern = testing::TempDir() + "note_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    write_file(folder_ / "model.safetensors", "weights");
  }
  ~CheckpointNoteTest() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(CheckpointNoteTest, ComesBackAsItWasWritten) {
  write_note(folder_, {.bytes = (1LL << 40) + 1, .seconds = 1.5, .hashes = {{"model.safetensors", "00ff"}}});
  const CheckpointNote note = read_note(folder_);
  EXPECT_EQ(note.bytes, (1LL << 40) + 1);
  EXPECT_EQ(note.seconds, 1.5);
  EXPECT_THAT(note.hashes, testing::ElementsAre(testing::Pair("model.safetensors", "00ff")));
}

TEST_F(CheckpointNoteTest, OtherKindsOfValuesAreASentence) {
  for (const char* text :
       {"[]", "null", "{}", R"({"bytes":-1,"seconds":0,"hashes":{}})", R"({"bytes":0,"seconds":-0.5,"hashes":{}})",
        R"({"bytes":"0","seconds":0,"hashes":{}})", R"({"bytes":0,"seconds":0,"hashes":[1]})",
        R"({"bytes":1e300,"seconds":0,"hashes":{}})", R"({"bytes":0,"seconds":0,"hashes":{"a":1}})",
        R"({"bytes":18446744073709551615,"seconds":0,"hashes":{}})", R"({"bytes":0,"seconds":0})"}) {
    write_file(folder_ / "events.json", text);
    EXPECT_THAT([&] { read_note(folder_); }, ThrowsMessage<CheckpointError>(HasSubstr("must hold bytes and seconds")))
        << text;
  }
}

TEST_F(CheckpointNoteTest, AChangedFileIsNamed) {
  write_note(folder_, {.hashes = {{"model.safetensors", hash_of("weights")}}});
  EXPECT_NO_THROW(expect_unchanged(folder_));
  write_file(folder_ / "model.safetensors", "weighty");
  EXPECT_THAT([&] { expect_unchanged(folder_); },
              ThrowsMessage<CheckpointError>(HasSubstr("model.safetensors: the file is damaged")));
}

TEST_F(CheckpointNoteTest, NamesNoFileOutsideItsFolder) {
  write_file(folder_.parent_path() / "outside", "x");
  write_note(folder_, {.hashes = {{"../outside", hash_of("x")}}});
  EXPECT_THROW(expect_unchanged(folder_), FileError) << "it looks for `outside` within the folder";
  fs::remove(folder_.parent_path() / "outside");
}

}  // namespace
}  // namespace figment
