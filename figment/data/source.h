// From the word after --data to a folder, free of the engine: a mistyped name is answered at once.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace figment {

/// A folder, and what is known of it beforehand; or a set that is computed.
struct Source {
  std::filesystem::path folder = {};
  std::string computed = {};                  ///< name of a set that lies in no folder
  std::vector<std::string> class_names = {};  ///< empty: what the folder says
};

/// A data set known by name, or a folder. Throws DataError with a suggestion.
Source find_source(const std::string& name);

/// What --data takes, for help: "fashion-mnist, ring, grid, or a folder of IDX files or images".
std::string source_help();

/// The word that names the same data from any folder of this machine: a folder by its absolute path, a name as it is.
/// What is not there stays as it is, for `find_source` to refuse.
std::string from_anywhere(const std::string& name);

}  // namespace figment
