#include "figment/records/checkpoint_note.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/config/json.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

fs::path file_in(const fs::path& checkpoint) { return checkpoint / "events.json"; }

}  // namespace

void write_note(const fs::path& checkpoint, const CheckpointNote& note) {
  write_file(file_in(checkpoint),
             Json{{"bytes", note.bytes}, {"seconds", note.seconds}, {"hashes", note.hashes}}.dump());
}

CheckpointNote read_note(const fs::path& checkpoint) {
  const std::string name = file_in(checkpoint).string();
  const Json json = parse_json(read_file(name), name);
  try {
    CheckpointNote note{.bytes = json.at("bytes"), .seconds = json.at("seconds"), .hashes = json.at("hashes")};
    if (note.bytes >= 0 && note.seconds >= 0) return note;
  } catch (const Json::exception&) {}
  throw CheckpointError(fmt::format(
      "{}: must hold bytes and seconds of at least 0, and hashes by the names of files; it "
      "was changed or torn since it was saved, or an older figment saved it: bring back a copy, or train anew",
      name));
}

void expect_unchanged(const fs::path& checkpoint) {
  for (const auto& [name, hash] : read_note(checkpoint).hashes)
    if (const fs::path file = checkpoint / fs::path(name).filename(); hash_of_file(file) != hash)
      throw CheckpointError(
          fmt::format("{}: the file is damaged: its hash is not that of the file that was saved; bring back a "
                      "copy, or remove the checkpoint's folder to go on from an earlier one",
                      file.string()));
}

}  // namespace figment
