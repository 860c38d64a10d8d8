// What the places of a folder's pictures say: split and class.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "figment/data/found_images.h"

namespace figment {

struct ImageFile {
  std::filesystem::path path = {};
  std::string name = {};        ///< relative to the folder that was given, as people read it
  std::string class_name = {};  ///< first sub-folder of its split, empty where it lies in none
};

struct ImageFiles {
  std::vector<ImageFile> train = {}, test = {};  ///< in the order of their names
  /// Neither: of a validation folder, beside the folders of splits, or in no folder of a class.
  std::vector<ImageFile> aside = {};
  std::vector<std::string> classes = {};      ///< names in their order; empty where the folders are no classes
  std::vector<SkippedFile> skipped = {};      ///< links to nothing, folders that may not be read
  std::vector<std::string> notes = {};        ///< sentences: what was left out, and why
  std::vector<std::string> aside_notes = {};  ///< the same of `aside`
};

/// Splits and classes of what was found.
/// Splits: folders whose names say train and test, in any usual spelling, at the top or up to two folders below; of
/// them a validation split is set aside. Beside a folder `test` alone, all others are for training. Else the hash of
/// each file's name decides, a tenth is test. Classes: the first folders below, after a folder that holds all of them.
/// A few pictures beside them are set aside; many, and there are no classes. Masks (`ground_truth`, `images` beside
/// `masks`, `x_mask.png` beside `x.png`) are left out. `place_of` overrides the path that decides all this. Throws
/// DataError for a class whose name is no UTF-8.
ImageFiles arranged(const std::filesystem::path& folder, FoundImages,
                    const std::function<std::filesystem::path(const std::filesystem::path&)>& place_of = {});

/// The files as a person means them who names a folder: what was set aside belongs to the whole, and its classes to
/// those of all. Of it a picture in no folder of a class stays left out, unless the set may lack its classes: then it
/// loses them, and a note says so.
ImageFiles taken_whole(ImageFiles, bool may_lack_classes);

}  // namespace figment
