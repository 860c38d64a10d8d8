// What a checkpoint's folder says beside its tensors, in events.json: how far the log went, and what each file held
// when it was written. It is no tensor file, for it differs between runs that end with the same bytes.
#pragma once
#include <filesystem>
#include <map>
#include <string>

namespace figment {

struct CheckpointNote {
  int64_t bytes = 0;                               ///< of events.jsonl when the checkpoint was saved
  double seconds = 0;                              ///< of training, all starts together
  std::map<std::string, std::string> hashes = {};  ///< of each tensor file, by its name in the folder
};

void write_note(const std::filesystem::path& checkpoint, const CheckpointNote&);
/// Throws CheckpointError when the file is missing, no JSON, or holds other kinds of values.
CheckpointNote read_note(const std::filesystem::path& checkpoint);

/// Throws CheckpointError when a file of the checkpoint is not the one that was saved: a changed digit is still a
/// number, so nothing else would notice.
void expect_unchanged(const std::filesystem::path& checkpoint);

}  // namespace figment
