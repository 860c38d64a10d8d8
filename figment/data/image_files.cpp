#include "figment/data/image_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

const std::set<std::string> kEndings = {".png", ".jpg", ".jpeg", ".jpe", ".jfif"};
const std::set<std::string> kIgnoredSplits = {"val", "valid", "validation"};

std::string ending(const fs::path& path) {
  std::string text = path.extension().string();
  for (char& letter : text) letter = char(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

/// Visits a folder in the order of names.
class Walk {
 public:
  explicit Walk(fs::path root) : root_(std::move(root)) {}
  /// `visit` gets each picture's path and returns whether to go on.
  void run(const std::function<bool(const fs::path&)>& visit) { visit_folder(root_, visit); }

  std::vector<SkippedFile> skipped = {};
  std::map<std::string, int64_t> others = {};  ///< files that are no pictures by their names, by ending

 private:
  bool visit_folder(const fs::path& folder, const std::function<bool(const fs::path&)>& visit) {
    std::error_code error;
    if (!seen_.insert(fs::canonical(folder, error)).second) return true;
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
    if (error) skip(folder, "cannot be read: " + error.message());
    std::sort(entries.begin(), entries.end());
    return std::ranges::all_of(entries, [&](const fs::path& entry) { return visit_entry(entry, visit); });
  }
  bool visit_entry(const fs::path& entry, const std::function<bool(const fs::path&)>& visit) {
    std::error_code error;
    const fs::file_status status = fs::status(entry, error);
    if (fs::is_directory(status)) return visit_folder(entry, visit);
    if (!kEndings.contains(ending(entry))) {
      ++others[ending(entry)];
      return true;
    }
    if (!fs::is_regular_file(status)) {
      skip(entry, fs::exists(status) ? "is no regular file" : "cannot be found: " + error.message());
      return true;
    }
    return !seen_.insert(fs::canonical(entry, error)).second || visit(entry);
  }
  void skip(const fs::path& path, std::string reason) {
    skipped.push_back({readable_name(path.lexically_relative(root_)), std::move(reason)});
  }

  fs::path root_;
  std::set<fs::path> seen_;
};

std::string first_folder(const fs::path& relative) {
  return relative.has_parent_path() ? relative.begin()->string() : "";
}

/// Whether the top folders are the splits of somebody who has split before.
bool are_splits(const std::set<std::string>& folders) {
  return folders.contains("train") && std::ranges::all_of(folders, [](const std::string& name) {
           return name.empty() || name == "train" || name == "test" || kIgnoredSplits.contains(name);
         });
}

bool tenth_by_name(const ImageFile& file) {
  return std::stoull(hash_of(file.name).substr(0, 8), nullptr, 16) % 10 == 0;
}

void split_by_name(ImageFiles& files) {
  std::vector<ImageFile> all = std::exchange(files.train, {});
  for (ImageFile& file : all) (tenth_by_name(file) ? files.test : files.train).push_back(std::move(file));
  if (files.train.empty()) files.train.swap(files.test);
}

void find_classes(ImageFiles& files) {
  std::set<std::string> names;
  int64_t without = 0;
  for (const auto* part : {&files.train, &files.test})
    for (const ImageFile& file : *part) {
      names.insert(file.class_name);
      without += file.class_name.empty();
    }
  names.erase("");
  if (without > 0 && !names.empty())
    files.notes.push_back(fmt::format("the sub-folders are not taken for classes: {} {} beside them",
                                      counted(without, "image"), without == 1 ? "lies" : "lie"));
  if (without > 0) return;
  for (const std::string& name : names)
    if (name != readable_name(name))
      throw DataError(fmt::format("class '{}': a folder's name must be UTF-8; rename it", readable_name(name)));
  files.classes.assign(names.begin(), names.end());
}

}  // namespace

bool has_images(const fs::path& folder) {
  bool found = false;
  Walk(folder).run([&](const fs::path&) { return !(found = true); });
  return found;
}

std::string readable_name(const fs::path& path) {
  const std::string quoted = Json(path.string()).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

FoundImages find_images(const fs::path& folder) {
  Walk walk(folder);
  FoundImages found;
  walk.run([&](const fs::path& path) {
    found.paths.push_back(path.lexically_relative(folder));
    return true;
  });
  found.skipped = std::move(walk.skipped);
  for (const auto& [kind, count] : walk.others)
    found.notes.push_back(fmt::format("{} ignored: {}; PNG and JPEG are read", counted(count, "file"),
                                      kind.empty() ? "no ending" : readable_name(kind)));
  return found;
}

ImageFiles arranged(const fs::path& folder, FoundImages found,
                    const std::function<fs::path(const fs::path&)>& place_of) {
  const auto place = [&](const fs::path& path) { return place_of ? place_of(path) : path; };
  std::set<std::string> folders;
  for (const fs::path& path : found.paths) folders.insert(first_folder(place(path)));
  ImageFiles files{.skipped = std::move(found.skipped)};
  const bool split = are_splits(folders);
  int64_t ignored = 0;
  for (const fs::path& path : found.paths) {
    const fs::path at = place(path);
    const std::string top = first_folder(at);
    const fs::path inside = split ? at.lexically_relative(top) : at;
    ImageFile file{.path = folder / path, .name = readable_name(path), .class_name = first_folder(inside)};
    if (!split || top == "train")
      files.train.push_back(std::move(file));
    else if (top == "test")
      files.test.push_back(std::move(file));
    else
      ++ignored;
  }
  if (ignored > 0)
    files.notes.push_back(
        fmt::format("{} outside train/ and test/ {} ignored; the validation part is taken from train/",
                    counted(ignored, "image"), ignored == 1 ? "is" : "are"));
  files.notes.insert(files.notes.end(), found.notes.begin(), found.notes.end());
  if (files.test.empty()) split_by_name(files);
  find_classes(files);
  return files;
}

}  // namespace figment
