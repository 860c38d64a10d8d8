// From the word after --data to a folder, free of the engine: a mistyped name is answered at once.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace figment {

/// A folder, and what is known of it beforehand; or a set that is computed; or tar shards.
struct Source {
  std::filesystem::path folder = {};
  std::string computed = {};                       ///< name of a set that lies in no folder
  std::vector<std::string> class_names = {};       ///< empty: what the folder says
  std::vector<std::filesystem::path> shards = {};  ///< tar files, in the order of the pattern that names them
};

/// A data set known by name, a folder, or shards: "x.tar", or a pattern of several as expanded_braces has it. Throws
/// DataError with a suggestion; ConfigError for a pattern of too many files.
Source find_source(const std::string& name);

/// Whether a person named data by its place, not a set by its name: such data are taken whole.
bool is_named_by_place(const std::string& name);

/// What --data takes, for help: "fashion-mnist, ring, grid, a folder of IDX files or images, or tar shards …".
std::string source_help();

/// The word that names the same data from any folder of this machine: a folder or shards by the absolute path, a name
/// as it is. What is not there stays as it is, for `find_source` to refuse.
std::string from_anywhere(const std::string& name);

}  // namespace figment
