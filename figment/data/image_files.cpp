#include "figment/data/image_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"
#include "figment/data/folder_layout.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

/// "train/ and test/".
std::string folders(std::vector<std::string> names) {
  for (std::string& name : names) name = readable_name(name) + "/";
  return listed(names);
}

std::string first_folder(const fs::path& relative) {
  return relative.has_parent_path() ? relative.begin()->string() : "";
}

void split_by_name(ImageFiles& files) {
  std::vector<ImageFile> all = std::exchange(files.train, {});
  for (ImageFile& file : all) (is_for_testing(file.name) ? files.test : files.train).push_back(std::move(file));
  if (files.train.empty()) files.train.swap(files.test);
}

// ---------------------------------------------------------------------------------------------------------------------
// classes
int64_t loose(const std::vector<ImageFile>& files) {
  return std::ranges::count_if(files, [](const ImageFile& file) { return file.class_name.empty(); });
}

std::set<std::string> class_names(const std::vector<ImageFile>& files) {
  std::set<std::string> names;
  for (const ImageFile& file : files) names.insert(file.class_name);
  names.erase("");
  return names;
}

std::string of_no_class(int64_t count, const std::string& first) {
  return fmt::format("{} {} left out, since {} in no folder of a class{}", counted(count, "image"), is_or_are(count),
                     count == 1 ? "it lies" : "they lie",
                     count == 1 ? ": " + first : fmt::format("; the first is {}", first));
}

/// Sets aside what lies in no class where that is little: a few pictures for training, or a test part without classes.
/// The other way round the folders are no classes.
void settle_loose(ImageFiles& files) {
  const int64_t trained = loose(files.train), tested = loose(files.test), all = int64_t(files.train.size());
  const bool few = 10 * trained < all;
  if (class_names(files.train).empty() && class_names(files.test).empty()) return;
  if (trained + tested == 0) return;
  if (!few) {
    files.notes.push_back(fmt::format("the sub-folders are not taken for classes: {} {} beside them",
                                      counted(trained + tested, "image"), trained + tested == 1 ? "lies" : "lie"));
    for (auto* part : {&files.train, &files.test})
      for (ImageFile& file : *part) file.class_name.clear();
    return;
  }
  for (auto* part : {&files.train, &files.test})
    std::erase_if(*part, [&](const ImageFile& file) {
      if (file.class_name.empty()) files.aside.push_back(file);
      return file.class_name.empty();
    });
  const std::string first = std::ranges::find(files.aside, "", &ImageFile::class_name)->name;
  files.aside_notes.push_back(of_no_class(trained + tested, first));
}

void say_names_alike(ImageFiles& files) {
  std::map<std::string, std::string> seen;
  for (const std::string& name : files.classes)
    if (const auto [first, is_new] = seen.emplace(in_small_letters(name), name); !is_new)
      files.notes.push_back(
          fmt::format("classes '{}' and '{}' differ in capitals or in the form of their letters alone; if they are "
                      "one class, put their images into one folder",
                      first->second, name));
}

void say_test_alone(ImageFiles& files) {
  const std::set<std::string> trained = class_names(files.train);
  std::vector<std::string> alone;
  for (const std::string& name : files.classes)
    if (!trained.contains(name)) alone.push_back("'" + name + "'");
  if (!alone.empty())
    files.notes.push_back(
        fmt::format("no training image shows {} {}", alone.size() == 1 ? "class" : "the classes", listed(alone)));
}

/// `names`: of the folders of all classes.
void set_classes(ImageFiles& files, const std::set<std::string>& names) {
  for (const std::string& name : names)
    if (name != readable_name(name))
      throw DataError(fmt::format("class '{}': a folder's name must be UTF-8; rename it", readable_name(name)));
  files.classes.assign(names.begin(), names.end());
}

}  // namespace

ImageFiles arranged(const fs::path& folder, FoundImages found,
                    const std::function<fs::path(const fs::path&)>& place_of) {
  std::vector<fs::path> paths;
  for (const fs::path& path : found.paths) paths.push_back(place_of ? place_of(path) : path);
  const FolderLayout layout = layout_of(paths);
  ImageFiles files{.skipped = std::move(found.skipped)};
  int64_t masks = 0;
  std::vector<ImageFile> ignored;
  for (size_t i = 0; i < paths.size(); ++i) {
    const auto& [kind, split, inside] = layout.places[i];
    ImageFile file{
        .path = folder / found.paths[i], .name = readable_name(found.paths[i]), .class_name = first_folder(inside)};
    if (kind == Place::Kind::kMask)
      ++masks;
    else if (kind == Place::Kind::kOutside)
      ignored.push_back({.path = file.path, .name = file.name});  // its folder is none of the classes
    else if (split == Split::kValidation)
      ignored.push_back(std::move(file));
    else
      (split == Split::kTest ? files.test : files.train).push_back(std::move(file));
  }
  const auto count = int64_t(ignored.size());
  if (count > 0)
    files.aside_notes.push_back(fmt::format(
        "{} {} not used: of {} figment reads the folders for training and for testing alone; its validation "
        "images are some of those for training",
        counted(count, "image"), is_or_are(count), folders(layout.split_folders)));
  if (masks > 0)
    files.notes.push_back(fmt::format("{} {} left out as {} of others{}", counted(masks, "image"), is_or_are(masks),
                                      masks == 1 ? "the mask" : "masks",
                                      layout.mask_folders.empty() ? "" : ": " + folders(layout.mask_folders)));
  files.notes.insert(files.notes.end(), found.notes.begin(), found.notes.end());
  settle_loose(files);
  files.aside.insert(files.aside.end(), ignored.begin(), ignored.end());
  if (files.test.empty()) split_by_name(files);
  std::set<std::string> names = class_names(files.train);
  names.merge(class_names(files.test));
  set_classes(files, names);
  say_names_alike(files);
  say_test_alone(files);
  return files;
}

ImageFiles taken_whole(ImageFiles files, bool may_lack_classes) {
  files.aside_notes.clear();
  const auto drop_classes = [&] {
    for (auto* part : {&files.train, &files.test, &files.aside})
      for (ImageFile& file : *part) file.class_name.clear();
    files.classes.clear();
  };
  if (files.classes.empty()) {
    drop_classes();
    return files;
  }
  if (const int64_t count = loose(files.aside); count > 0) {
    const std::string first = std::ranges::find(files.aside, "", &ImageFile::class_name)->name;
    if (may_lack_classes) {
      drop_classes();
      files.notes.push_back(fmt::format("the images are taken without classes, since {} {} in no folder of one: {}",
                                        counted(count, "image"), count == 1 ? "lies" : "lie", first));
      return files;
    }
    files.notes.push_back(of_no_class(count, first));
    std::erase_if(files.aside, [](const ImageFile& file) { return file.class_name.empty(); });
  }
  std::set<std::string> names(files.classes.begin(), files.classes.end());
  names.merge(class_names(files.aside));
  set_classes(files, names);
  return files;
}

}  // namespace figment
