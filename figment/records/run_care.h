// What a person does with the runs of a folder: a name, a note, the room they take, and their removal.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "figment/records/run_folder.h"

namespace figment {

/// The note of a run, "" where it has none. Throws FileError.
std::string note_of(const RunFolder&);
/// Writes the note, or removes it where the text is empty. Throws FileError.
void set_note(const RunFolder&, const std::string& text);

/// Bytes of all files in the folder. A file that two runs share counts in both; what cannot be looked at counts
/// nothing.
int64_t bytes_in(const std::filesystem::path& folder);

/// Renames "0007-vae" to "0007-<name>": its number stays. Returns the run in its new place. Throws ConfigError where
/// the name is no name of a folder, RunError where the run is a stage or a training uses it, FileError.
RunFolder rename_run(const RunFolder&, const std::string& name);

/// What lies in the run's folder and was not written by figment, in the order of the names.
std::vector<std::filesystem::path> foreign_files(const RunFolder&);

/// Whether this is a folder of which figment wrote all that it holds, as far as can be seen; a run that a kill left
/// half made is one, and so is an empty folder.
bool holds_only_a_run(const std::filesystem::path& folder);

/// Removes the run, of a recipe with stages all of them. Throws RunError where it is a stage, where a training uses it
/// or where the folder holds foreign files: then nothing is removed.
void delete_run(const RunFolder&);

}  // namespace figment
