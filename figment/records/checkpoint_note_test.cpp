#include "figment/records/checkpoint_note.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/test_folder.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class CheckpointNoteTest : public OwnFolder {
 protected:
  CheckpointNoteTest() { write_file(folder / "model.safetensors", "weights"); }
};

TEST_F(CheckpointNoteTest, ComesBackAsItWasWritten) {
  write_note(folder, {.bytes = (1LL << 40) + 1, .seconds = 1.5, .hashes = {{"model.safetensors", "00ff"}}});
  const CheckpointNote note = read_note(folder);
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
    write_file(folder / "events.json", text);
    EXPECT_THAT([&] { read_note(folder); }, ThrowsMessage<CheckpointError>(HasSubstr("must hold bytes and seconds")))
        << text;
  }
}

TEST_F(CheckpointNoteTest, AChangedFileIsNamed) {
  write_note(folder, {.hashes = {{"model.safetensors", hash_of("weights")}}});
  write_file(folder / "average.safetensors", "weights");
  const fs::path file = folder / "model.safetensors";
  EXPECT_EQ(expect_unchanged(file), hash_of("weights"));
  EXPECT_THROW(expect_unchanged(folder / "average.safetensors"), CheckpointError) << "the note does not know it";
  write_file(file, "weighty");
  EXPECT_THAT([&] { expect_unchanged(file); },
              ThrowsMessage<CheckpointError>(HasSubstr("model.safetensors: the file is damaged")));
}

}  // namespace
}  // namespace figment
