#include "figment/data/folder_words.h"

#include <algorithm>
#include <array>
#include <span>

#include "figment/base/text.h"

namespace figment {
namespace {

using Words = std::span<const std::string_view>;
constexpr auto kTrain = std::to_array<std::string_view>({"train", "training", "trn"});
constexpr auto kTest = std::to_array<std::string_view>({"test", "testing", "tst", "eval", "evaluation"});
constexpr auto kValidation = std::to_array<std::string_view>(
    {"val", "valid", "validation", "validate", "dev", "devel", "development", "holdout"});
/// Names of splits that classes have too: what is valid, a device.
constexpr auto kMayBeClasses = std::to_array<std::string_view>(
    {"valid", "validate", "dev", "devel", "development", "holdout", "eval", "evaluation"});
constexpr auto kForPictures =
    std::to_array<std::string_view>({"images", "image", "imgs", "img", "pictures", "picture", "pics", "photos", "photo",
                                     "jpeg", "dataset", "data", "samples", "set", "split"});
constexpr auto kMasks = std::to_array<std::string_view>({"groundtruth", "groundtruths", "gt", "gts",
                                                         "segmentationclass", "segmentationobject", "segmentation",
                                                         "segmentations", "annotations", "annotation"});
constexpr auto kMaybeMasks = std::to_array<std::string_view>({"mask", "masks", "label", "labels"});
constexpr auto kMaskEndings = std::to_array<std::string_view>(
    {"_mask", "-mask", "_gt", "-gt", "_label", "_seg", "_groundtruth", "_ground_truth"});

bool contains(Words words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

/// Small letters without separators, and without digits at both ends.
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : in_small_letters(name))
    if (c != '_' && c != '-' && c != ' ' && c != '.') text += c;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), digit).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), digit));
  return text;
}

/// Takes words for pictures off both ends: "train" of "train_images" and of "data-train".
std::string without_words_for_pictures(std::string text) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::string_view word : kForPictures) {
      if (text.size() < word.size()) continue;
      if (text.ends_with(word))
        text.resize(text.size() - word.size());
      else if (text.starts_with(word))
        text.erase(0, word.size());
      else
        continue;
      changed = true;
    }
  }
  return text;
}

std::optional<Split> split_of(std::string_view name) {
  const std::string word = without_words_for_pictures(plain(name));
  if (contains(kTrain, word)) return Split::kTrain;
  if (contains(kTest, word)) return Split::kTest;
  if (contains(kValidation, word)) return Split::kValidation;
  return std::nullopt;
}

bool is_certain(std::string_view name) { return !contains(kMayBeClasses, without_words_for_pictures(plain(name))); }

}  // namespace

std::optional<SplitWord> split_word(std::string_view folder) {
  if (const auto split = split_of(folder)) return SplitWord{.split = *split, .certain = is_certain(folder)};
  if (!folder.ends_with('A') && !folder.ends_with('B')) return std::nullopt;
  const auto split = split_of(folder.substr(0, folder.size() - 1));
  if (!split) return std::nullopt;
  return SplitWord{.split = *split, .side = std::string(folder.substr(folder.size() - 1)), .certain = true};
}

bool is_word_for_pictures(std::string_view folder) {
  const std::string word = plain(folder);
  return !word.empty() && without_words_for_pictures(word).empty();
}

MaskWord mask_word(std::string_view folder) {
  const std::string word = plain(folder);
  if (contains(kMasks, word)) return MaskWord::kYes;
  return contains(kMaybeMasks, word) ? MaskWord::kMaybe : MaskWord::kNo;
}

std::string_view masked_name(std::string_view stem) {
  const std::string small = in_small_letters(stem);
  for (const std::string_view ending : kMaskEndings)
    if (small.size() > ending.size() && small.ends_with(ending)) return stem.substr(0, stem.size() - ending.size());
  return {};
}

}  // namespace figment
