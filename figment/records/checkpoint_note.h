// events.json in the folder of a checkpoint: how long events.jsonl was when the checkpoint was saved, how long the
// training had taken, the hash of each tensor file, and whether the score that was due is made. It is no tensor file,
// because it differs between runs whose tensor files are equal.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "figment/records/run_folder.h"

namespace figment {

struct CheckpointNote {
  int64_t bytes = 0;                               ///< of events.jsonl when the checkpoint was saved
  double seconds = 0;                              ///< of training, all starts together
  std::map<std::string, std::string> hashes = {};  ///< of each tensor file, by its name in the folder
  /// False where a stop came during the score that was due here: whoever resumes makes it up.
  bool scored = true;
  std::optional<ValidationScore> score = {};  ///< of these weights; none where none was made
};

void write_note(const std::filesystem::path& checkpoint, const CheckpointNote&);
/// The note in the folder of a checkpoint. Throws FileError when it cannot be read, else as `parse_note`.
CheckpointNote read_note(const std::filesystem::path& checkpoint);
/// Throws ConfigError when the text is no JSON, CheckpointError when it holds other kinds of values. `file` begins the
/// sentence.
CheckpointNote parse_note(std::string_view text, const std::string& file);

/// Whether the folder holds a note: then figment wrote it.
bool has_note(const std::filesystem::path& checkpoint);

/// The hash of a tensor file in the folder of a checkpoint, for whoever is about to load it. Throws CheckpointError
/// when it is not the one that was saved: a changed digit is still a number, so nothing else would notice.
std::string expect_unchanged(const std::filesystem::path& file);

}  // namespace figment
