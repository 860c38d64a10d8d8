// How a folder of pictures is laid out: which part of each path says the split, and which pictures are masks.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "figment/data/options.h"

namespace figment {

/// Where a picture belongs.
struct Place {
  enum class Kind { kUsed, kMask, kOutside };  ///< kOutside: beside the folders of splits
  Kind kind = Kind::kUsed;
  Split split = Split::kTrain;
  std::filesystem::path inside = {};  ///< its path without the folders that say the split or hold everything
};

struct FolderLayout {
  std::vector<Place> places = {};               ///< of each path
  std::vector<std::string> split_folders = {};  ///< names of the folders that say a split, in order
  std::vector<std::string> mask_folders = {};
};

FolderLayout layout_of(const std::vector<std::filesystem::path>& paths);

}  // namespace figment
