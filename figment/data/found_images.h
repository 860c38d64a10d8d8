// Which files of a folder are its pictures.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "figment/data/catalog.h"

namespace figment {

/// What lies in a folder, at any depth.
struct FoundImages {
  std::vector<std::filesystem::path> paths = {};  ///< of pictures by their names, relative to the folder, in order
  std::vector<SkippedFile> skipped = {};          ///< links to nothing, folders that may not be read
  std::vector<std::string> notes = {};            ///< sentences: what was left aside, and why
};

/// Whether a folder holds a file with the name of a picture that is read, at any depth.
bool has_images(const std::filesystem::path& folder);

/// Whether a file's name has the ending of a format that is read.
bool has_name_of_picture(const std::filesystem::path&);

/// Lists a folder, deeply. Hidden files and the folders of runs are left aside. What links make appear twice counts
/// once, or with `repeat_links` each time; a link to a folder that it lies in is never followed.
FoundImages find_images(const std::filesystem::path& folder, bool repeat_links = false);

/// A file's name as people read it: what is no UTF-8 becomes the replacement character.
std::string readable_name(const std::filesystem::path&);

}  // namespace figment
