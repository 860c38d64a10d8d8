#include "figment/data/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

/// One row a data set that is known by name.
struct Known {
  std::string_view name, folder, package;
  std::vector<std::string> class_names;
};
const std::vector<Known>& known_sets() {
  static const std::vector<Known> rows = {
      {"fashion-mnist",
       "/usr/share/datasets/fashion-mnist",
       "dataset-fashion-mnist",
       {"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"}},
  };
  return rows;
}

/// Sets that are computed.
constexpr std::array<std::string_view, 2> kComputed = {"ring", "grid"};

constexpr size_t kMostShards = 100'000;

/// Whether these words name shards by their endings.
bool all_are_tar(const std::vector<std::string>& words) {
  return std::ranges::all_of(words, [](const std::string& word) { return word.ends_with(".tar"); });
}

/// Throws DataError for archives that would have to be unpacked to find the place of a picture in them.
void refuse_packed(const std::string& name, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    for (const char* ending : {".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lz4"})
      if (word.ends_with(ending))
        throw DataError(fmt::format(
            "data: '{}' names compressed archives, '{}'; a picture is read at its place in a tar file, so unpack them "
            "to .tar (pictures hardly grow by that)",
            name, word));
}

std::vector<fs::path> shards_of(const std::string& name, const std::vector<std::string>& words) {
  std::error_code ignored;
  for (const std::string& word : words)
    if (!fs::exists(word, ignored))
      throw DataError(fmt::format("data: there is no shard '{}'{}{}", word,
                                  words.size() > 1 ? fmt::format(" of '{}'", name) : "",
                                  did_you_mean(word, names_beside(word, [](const fs::directory_entry& entry) {
                                                 return entry.path().extension() == ".tar";
                                               }))));
  return {words.begin(), words.end()};
}

/// Names a person may have meant: the known sets and the folders beside the one that is not there.
std::vector<std::string> names_near(const fs::path& missing) {
  std::error_code ignored;
  std::vector<std::string> names =
      names_beside(missing, [&](const fs::directory_entry& entry) { return entry.is_directory(ignored); });
  for (const Known& known : known_sets()) names.emplace_back(known.name);
  names.insert(names.end(), kComputed.begin(), kComputed.end());
  return names;
}

}  // namespace

Source find_source(const std::string& name) {
  for (const Known& known : known_sets())
    if (known.name == name) {
      if (!fs::is_directory(known.folder))
        throw DataError(fmt::format(
            "data set '{}' is not installed: there is no folder '{}'; install the Debian package {}, or give "
            "--data a folder of its files",
            name, known.folder, known.package));
      return {.folder = known.folder, .class_names = known.class_names};
    }
  std::error_code ignored;  // a name the system cannot even look up is no folder
  const bool computed = std::ranges::find(kComputed, name) != kComputed.end(), folder = fs::is_directory(name, ignored);
  if (computed && folder)
    throw DataError(
        fmt::format("data: '{}' is a set that is computed, and a folder here; say './{}' for the folder, or "
                    "rename it",
                    name, name));
  if (computed) return {.computed = name};
  if (folder) return {.folder = name};
  const std::vector<std::string> words = expanded_braces(name, kMostShards);
  if (all_are_tar(words)) return {.shards = shards_of(name, words)};
  refuse_packed(name, words);
  if (fs::exists(name, ignored))
    throw DataError(fmt::format("data: '{}' is a file; --data takes a folder, or tar shards (x.tar)", name));
  throw DataError(fmt::format("there is no data set or folder '{}'{}", name, did_you_mean(name, names_near(name))));
}

bool is_named_by_place(const std::string& name) {
  const Source source = find_source(name);
  return source.folder == name || !source.shards.empty();
}

std::string source_help() {
  std::string names;
  for (const Known& known : known_sets()) names += std::string(known.name) + ", ";
  for (const auto& name : kComputed) names += std::string(name) + ", ";
  return names + "a folder of IDX files or images, or tar shards ('x/{000..099}.tar')";
}

std::string from_anywhere(const std::string& name) {
  const bool known = std::ranges::find(known_sets(), name, &Known::name) != known_sets().end();
  std::error_code ignored;
  if (known || std::ranges::find(kComputed, name) != kComputed.end()) return name;
  if (!fs::is_directory(name, ignored)) {
    const std::vector<std::string> words = expanded_braces(name, kMostShards);
    if (!all_are_tar(words) || !fs::exists(words.front(), ignored)) return name;
  }
  // "link/../photos" lies beside what the link leads to, so a path that goes up is asked of the system.
  const fs::path given = fs::absolute(name);
  const bool goes_up = std::ranges::find(given, fs::path("..")) != given.end();
  const fs::path path = goes_up ? fs::weakly_canonical(given) : given.lexically_normal();  // no file has braces
  return (path.has_filename() ? path : path.parent_path()).string();                       // "photos/" is "photos"
}

}  // namespace figment
