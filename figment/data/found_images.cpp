#include "figment/data/found_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/media/image.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

const std::set<std::string> kEndings = {".png",  ".apng", ".jpg", ".jpeg", ".jpe", ".jfif",
                                        ".webp", ".gif",  ".bmp", ".dib",  ".tif", ".tiff"};

std::string ending(const fs::path& path) { return in_small_letters(path.extension().string()); }

/// Pictures in it were drawn by a model.
bool is_run(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "manifest.json", error) && fs::is_regular_file(folder / "recipe.toml", error);
}

/// Visits a folder in the order of names.
class Walk {
 public:
  Walk(fs::path root, bool repeat_links) : root_(std::move(root)), repeat_links_(repeat_links) {}
  /// `visit` gets each picture's path and returns whether to go on.
  void run(const std::function<bool(const fs::path&)>& visit) { visit_folder(root_, visit); }

  std::vector<SkippedFile> skipped = {};
  std::map<std::string, int64_t> others = {};  ///< files that are no pictures by their names, by ending
  int64_t linked = 0;                          ///< files and folders that were seen before
  std::vector<std::string> runs = {};

 private:
  bool visit_folder(const fs::path& folder, const std::function<bool(const fs::path&)>& visit) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (!may_visit(real) || std::ranges::find(open_, real) != open_.end()) return true;
    if (folder != root_ && is_run(folder)) {
      runs.push_back(name_of(folder));
      return true;
    }
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
    if (error) skip(folder, "cannot be read: " + error.message());
    std::sort(entries.begin(), entries.end());
    open_.push_back(real);
    const bool go_on = std::ranges::all_of(entries, [&](const fs::path& entry) { return visit_entry(entry, visit); });
    open_.pop_back();
    return go_on;
  }
  bool visit_entry(const fs::path& entry, const std::function<bool(const fs::path&)>& visit) {
    expect_no_stop_signal();
    std::error_code error;
    const fs::file_status status = fs::status(entry, error);
    if (fs::is_directory(status)) return visit_folder(entry, visit);
    if (!has_name_of_picture(entry)) {
      ++others[ending(entry)];
      return true;
    }
    if (!fs::is_regular_file(status)) {
      skip(entry, fs::exists(status) ? "is no regular file" : "cannot be found: " + error.message());
      return true;
    }
    return !may_visit(fs::canonical(entry, error)) || visit(entry);
  }
  /// Whether a file or folder is new, or counts again.
  bool may_visit(const fs::path& real) {
    if (seen_.insert(real).second) return true;
    linked += !repeat_links_;
    return repeat_links_;
  }
  std::string name_of(const fs::path& path) const { return readable_name(path.lexically_relative(root_)); }
  void skip(const fs::path& path, std::string reason) { skipped.push_back({name_of(path), std::move(reason)}); }

  fs::path root_;
  bool repeat_links_;
  std::set<fs::path> seen_;
  std::vector<fs::path> open_;  // the folders that are being visited, each in the one before
};

std::string first_few(const std::vector<std::string>& names) {
  constexpr size_t kNamed = 3;
  if (names.size() <= kNamed) return listed(names);
  return listed({names.begin(), names.begin() + kNamed}) + " …";
}

std::vector<std::string> notes_of(const Walk& walk) {
  std::vector<std::string> notes;
  std::map<std::string, int64_t> others = walk.others;
  for (const UnreadFormat& format : unread_formats()) {
    int64_t count = 0;
    for (const std::string_view kind : format.endings)
      if (const auto found = others.extract(std::string(kind))) count += found.mapped();
    if (count > 0)
      notes.push_back(fmt::format("{} not read: {}; {} makes PNG or JPEG of {}", counted(count, "file"), format.name,
                                  format.converter, count == 1 ? "it" : "them"));
  }
  for (const auto& [kind, count] : others)
    notes.push_back(fmt::format("{} ignored: {}; {} are read", counted(count, "file"),
                                kind.empty() ? "no ending" : readable_name(kind), kReadFormats));
  if (walk.linked > 0)
    notes.push_back(fmt::format("{} to what was found already {} left out; data.repeat_links=true counts each",
                                counted(walk.linked, "link"), is_or_are(walk.linked)));
  if (!walk.runs.empty())
    notes.push_back(fmt::format("{} left out, since the pictures of runs are no data: {}",
                                counted(int64_t(walk.runs.size()), "folder"), first_few(walk.runs)));
  return notes;
}

}  // namespace

bool has_name_of_picture(const fs::path& name) { return kEndings.contains(ending(name)); }

bool has_images(const fs::path& folder) {
  bool found = false;
  Walk(folder, false).run([&](const fs::path&) { return !(found = true); });
  return found;
}

std::string readable_name(const fs::path& path) {
  const std::string quoted = Json(path.string()).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

FoundImages find_images(const fs::path& folder, bool repeat_links) {
  Walk walk(folder, repeat_links);
  FoundImages found;
  walk.run([&](const fs::path& path) {
    found.paths.push_back(path.lexically_relative(folder));
    return true;
  });
  found.skipped = std::move(walk.skipped);
  found.notes = notes_of(walk);
  return found;
}

}  // namespace figment
