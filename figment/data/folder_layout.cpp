#include "figment/data/folder_layout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "figment/data/folder_words.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

constexpr size_t kDeepestSplit = 2;  // folders above a split's folder

/// The folders of a path, the first one first.
std::vector<std::string> folders_of(const fs::path& path) {
  std::vector<std::string> all;
  for (const fs::path& part : path.parent_path()) all.push_back(part.string());
  return all;
}

fs::path joined(const std::vector<std::string>& folders, const fs::path& file) {
  fs::path path;
  for (const std::string& folder : folders) path /= folder;
  return path / file;
}

// ---------------------------------------------------------------------------------------------------------------------
// masks
/// The folders that lie in each folder.
using Children = std::map<fs::path, std::set<std::string>>;

Children children_of(const std::vector<fs::path>& paths) {
  Children children;
  for (const fs::path& path : paths) {
    fs::path parent;
    for (const std::string& folder : folders_of(path)) {
      children[parent].insert(folder);
      parent /= folder;
    }
  }
  return children;
}

bool are_pictures_and_masks(const std::set<std::string>& folders) {
  return std::ranges::any_of(folders, is_word_for_pictures) &&
         std::ranges::all_of(folders, [](const std::string& folder) {
           return is_word_for_pictures(folder) || mask_word(folder) != MaskWord::kNo;
         });
}

/// The folder of masks that a path lies in, else nothing.
std::optional<std::string> mask_folder(const fs::path& path, const Children& children) {
  fs::path parent;
  for (const std::string& folder : folders_of(path)) {
    const MaskWord word = mask_word(folder);
    const std::set<std::string>& all = children.at(parent);
    if ((word == MaskWord::kYes && all.size() > 1) || (word == MaskWord::kMaybe && are_pictures_and_masks(all)))
      return folder;
    parent /= folder;
  }
  return std::nullopt;
}

/// Masks are left out where something is left.
void find_masks(const std::vector<fs::path>& paths, FolderLayout& layout) {
  const Children children = children_of(paths);
  std::set<fs::path> stems;
  for (const fs::path& path : paths) stems.insert(fs::path(path).replace_extension());
  std::set<std::string> folders;
  std::vector<bool> masks(paths.size());
  for (size_t i = 0; i < paths.size(); ++i) {
    const std::string stem = paths[i].stem().string(), masked(masked_name(stem));
    const auto folder = mask_folder(paths[i], children);
    if (folder) folders.insert(*folder);
    masks[i] = folder || (!masked.empty() && stems.contains(paths[i].parent_path() / masked));
  }
  if (std::ranges::find(masks, false) == masks.end()) return;
  for (size_t i = 0; i < paths.size(); ++i)
    if (masks[i]) layout.places[i].kind = Place::Kind::kMask;
  layout.mask_folders.assign(folders.begin(), folders.end());
}

// ---------------------------------------------------------------------------------------------------------------------
// splits
/// What the folders at one depth say.
struct Level {
  std::set<Split> splits = {};
  std::set<std::string> inside = {}, beside = {};  ///< folders within those of splits; those of other names
  bool flat = false;                               ///< pictures lie in a split's folder itself
  std::set<std::string> names = {};                ///< of those that say a split
  bool others = false, loose = false;              ///< folders of other names; pictures in no folder of this depth
  bool certain = false;                            ///< one of the names is no class: `test`, not `valid`

  /// Whether the folders for testing hold the classes that lie beside them.
  bool is_beside_classes() const { return others && !flat && std::ranges::includes(beside, inside); }
  bool for_testing() const { return splits.contains(Split::kTest) || splits.contains(Split::kValidation); }
  /// Whether they are the splits of somebody who has split before.
  bool says_splits(size_t depth) const {
    if (!splits.contains(Split::kTrain))
      return depth == 0 && for_testing() &&
             ((certain && (others || loose)) || (loose && !others) || is_beside_classes());
    return for_testing() || (depth == 0 && !others);
  }
};

Level level_at(size_t depth, const std::vector<std::vector<std::string>>& folders, const FolderLayout& layout) {
  Level level;
  for (size_t i = 0; i < folders.size(); ++i) {
    if (layout.places[i].kind != Place::Kind::kUsed) continue;
    if (folders[i].size() <= depth) {
      level.loose = true;
    } else if (const auto word = split_word(folders[i][depth])) {
      level.splits.insert(word->split);
      level.certain = level.certain || word->certain;
      level.names.insert(folders[i][depth]);
      if (folders[i].size() > depth + 1)
        level.inside.insert(folders[i][depth + 1]);
      else
        level.flat = true;
    } else {
      level.others = true;
      level.beside.insert(folders[i][depth]);
    }
  }
  return level;
}

/// Takes away the folders above those of the splits, where all pictures lie in the same ones.
void strip_above(size_t depth, std::vector<std::vector<std::string>>& folders, const FolderLayout& layout) {
  std::set<std::vector<std::string>> above;
  for (size_t i = 0; i < folders.size(); ++i)
    if (layout.places[i].kind == Place::Kind::kUsed)
      above.emplace(folders[i].begin(), folders[i].begin() + int64_t(std::min(depth, folders[i].size())));
  if (above.size() != 1 || above.begin()->size() != depth) return;
  for (auto& path : folders) path.erase(path.begin(), path.begin() + int64_t(std::min(depth, path.size())));
}

void split_at(size_t depth, const Level& level, std::vector<std::vector<std::string>>& folders, FolderLayout& layout) {
  const bool train_is_named = level.splits.contains(Split::kTrain);
  layout.split_folders.assign(level.names.begin(), level.names.end());
  for (size_t i = 0; i < folders.size(); ++i) {
    Place& place = layout.places[i];
    if (place.kind != Place::Kind::kUsed) continue;
    const auto word = folders[i].size() > depth ? split_word(folders[i][depth]) : std::nullopt;
    if (!word) {
      if (train_is_named) place.kind = Place::Kind::kOutside;
      continue;
    }
    place.split = word->split;
    folders[i].erase(folders[i].begin() + int64_t(depth));
    if (!word->side.empty()) folders[i].insert(folders[i].begin() + int64_t(depth), word->side);
  }
  strip_above(depth, folders, layout);
}

void find_splits(std::vector<std::vector<std::string>>& folders, FolderLayout& layout) {
  for (size_t depth = 0; depth <= kDeepestSplit; ++depth)
    if (const Level level = level_at(depth, folders, layout); level.says_splits(depth)) {
      split_at(depth, level, folders, layout);
      return;
    }
}

/// Takes away a first folder that holds everything and is no class: most pictures lie in folders of its own.
void strip_wrappers(std::vector<std::vector<std::string>>& folders, const FolderLayout& layout) {
  for (;;) {
    std::set<std::string> first;
    int64_t deeper = 0, all = 0;
    for (size_t i = 0; i < folders.size(); ++i) {
      if (layout.places[i].kind != Place::Kind::kUsed) continue;
      first.insert(folders[i].empty() ? "" : folders[i].front());
      deeper += folders[i].size() > 1;
      ++all;
    }
    if (first.size() != 1 || first.contains("") || 2 * deeper <= all) return;
    for (auto& path : folders)
      if (!path.empty()) path.erase(path.begin());
  }
}

}  // namespace

FolderLayout layout_of(const std::vector<fs::path>& paths) {
  FolderLayout layout{.places = std::vector<Place>(paths.size())};
  find_masks(paths, layout);
  std::vector<std::vector<std::string>> folders;
  for (const fs::path& path : paths) folders.push_back(folders_of(path));
  find_splits(folders, layout);
  strip_wrappers(folders, layout);
  for (size_t i = 0; i < paths.size(); ++i) layout.places[i].inside = joined(folders[i], paths[i].filename());
  return layout;
}

}  // namespace figment
