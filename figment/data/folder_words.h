// What the names of folders and files of pictures say by the spellings that people use for splits and masks.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "figment/data/options.h"

namespace figment {

/// A folder's name that says a split, and what else it says.
struct SplitWord {
  Split split = Split::kTrain;
  std::string side = {};  ///< "A" of "trainA", else empty
  bool certain = false;   ///< whether it is hardly the name of a class: "test", not "valid"
};

/// The split that a folder's name says, whatever its capitals, separators, digits and words like "set" and "images"
/// around it: "Training", "test_images", "val2017", "dev", "trainA".
std::optional<SplitWord> split_word(std::string_view folder);

/// Whether a folder's name says no more than that pictures or data are in it: "images", "data".
bool is_word_for_pictures(std::string_view folder);

/// Whether a folder's name says that its pictures are masks: "ground_truth". Of kMaybe it is true beside a folder that
/// is_word_for_pictures: "masks", "labels", which may also be classes.
enum class MaskWord { kNo, kMaybe, kYes };
MaskWord mask_word(std::string_view folder);

/// The name of the picture that a file's name, without ending, says it is the mask of: "x" of "x_mask"; else empty.
std::string_view masked_name(std::string_view stem);

}  // namespace figment
