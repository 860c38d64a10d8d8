// Which files of a folder are its pictures, and what their places say: split and class.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "figment/data/catalog.h"
#include "figment/data/conform.h"

namespace figment {

struct ImageFile {
  std::filesystem::path path = {};
  std::string name = {};        ///< relative to the folder that was given, as people read it
  std::string class_name = {};  ///< first sub-folder of its split, empty where it lies in none
};

struct ImageFiles {
  std::vector<ImageFile> train = {}, test = {};  ///< in the order of their names
  Classes classes = {};
  std::vector<SkippedFile> skipped = {};  ///< links to nothing, folders that may not be read
  std::vector<std::string> notes = {};    ///< sentences: what was left aside, and why
};

/// Whether a folder holds a file with the name of a PNG or JPEG, at any depth.
bool has_images(const std::filesystem::path& folder);

/// Lists a folder, deeply. Hidden files are left aside, what links make appear twice counts once. train/ and test/ are
/// the splits where no other sub-folder but val/ holds images; otherwise the hash of each file's name decides, a tenth
/// is test. Throws DataError for a class whose name is no UTF-8.
ImageFiles list_images(const std::filesystem::path& folder);

}  // namespace figment
