// events.json in the folder of a checkpoint: how long events.jsonl was when the checkpoint was saved, how long the
// training had taken, and the hash of each tensor file. It is no tensor file, because it differs between runs whose
// tensor files are equal.
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
