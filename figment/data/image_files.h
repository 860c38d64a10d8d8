// Which files of a folder are its pictures, and what their places say: split and class.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "figment/data/catalog.h"

namespace figment {

struct ImageFile {
  std::filesystem::path path = {};
  std::string name = {};        ///< relative to the folder that was given, as people read it
  std::string class_name = {};  ///< first sub-folder of its split, empty where it lies in none
};

struct ImageFiles {
  std::vector<ImageFile> train = {}, test = {};  ///< in the order of their names
  std::vector<std::string> classes = {};         ///< names in their order; empty where the folders are no classes
  std::vector<SkippedFile> skipped = {};         ///< links to nothing, folders that may not be read
  std::vector<std::string> notes = {};           ///< sentences: what was left aside, and why
};

/// What lies in a folder, at any depth.
struct FoundImages {
  std::vector<std::filesystem::path> paths = {};  ///< of pictures by their names, relative to the folder, in order
  std::vector<SkippedFile> skipped = {};
  std::vector<std::string> notes = {};
};

/// Whether a folder holds a file with the name of a PNG or JPEG, at any depth.
bool has_images(const std::filesystem::path& folder);

/// Lists a folder, deeply. Hidden files are left aside, what links make appear twice counts once.
FoundImages find_images(const std::filesystem::path& folder);

/// Splits and classes of what was found. train/ and test/ are the splits where no other sub-folder but val/ holds
/// images; otherwise the hash of each file's name decides, a tenth is test. `place_of` overrides the path that decides
/// split and class. Throws DataError for a class whose name is no UTF-8.
ImageFiles arranged(const std::filesystem::path& folder, FoundImages,
                    const std::function<std::filesystem::path(const std::filesystem::path&)>& place_of = {});

/// A file's name as people read it: what is no UTF-8 becomes the replacement character.
std::string readable_name(const std::filesystem::path&);

}  // namespace figment
