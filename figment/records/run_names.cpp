#include "figment/records/run_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <span>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/file_name.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kMostRuns = 999'999'999;

/// What a run gives names to, beside the folders of its pictures: files, and folders.
constexpr auto kFiles = std::to_array<std::string_view>({"recipe.toml", "data.json", "manifest.json", "events.jsonl",
                                                         "examples.safetensors", "evaluation.json", "report.html",
                                                         "finished", "command", "note.txt", ".lock"});
constexpr auto kFolders = std::to_array<std::string_view>({"evaluations", "checkpoints", "parents", "cache"});
constexpr auto kPictures =
    std::to_array<std::string_view>({"samples", "drawing", "reconstructions", "interpolation", "traversal"});

void expect_free(std::string_view what, const std::string& name, std::span<const std::string_view> taken) {
  if (std::ranges::find(taken, name) != taken.end())
    throw ConfigError(fmt::format("{}: a run uses the name '{}' itself; choose another name", what, name));
}

/// The numbers of all that stands in `out`.
struct Numbers {
  std::set<int64_t> taken = {};  ///< of folders that have a run's name, whatever they hold
  int64_t newest = 0;            ///< of a run, or of one that is being made
};
Numbers numbers_in(const fs::path& out) {
  Numbers numbers;
  for (const fs::path& entry : entries_of(out)) {
    const std::string name = entry.filename().string();
    const bool claimed = name.starts_with(kPart);
    const auto number = claimed ? whole_number(name.substr(kPart.size())) : run_number(entry);
    if (!number || *number > kMostRuns) continue;
    if (!claimed) numbers.taken.insert(*number);
    if (claimed || is_there(entry / "recipe.toml")) numbers.newest = std::max(numbers.newest, *number);
  }
  return numbers;
}

}  // namespace

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::string number_name(int64_t number) { return fmt::format("{:04}", number); }

std::optional<int64_t> run_number(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string digits = name.substr(0, name.find('-'));
  const auto number = whole_number(digits);
  if (digits.size() == name.size() || !number || *number < 1 || *number > kMostRuns) return std::nullopt;
  return digits == number_name(*number) ? number : std::nullopt;
}

std::string images_name(int64_t images) { return fmt::format("{:09}", images); }

std::optional<int64_t> images_of_name(const std::string& name) {
  const auto images = whole_number(name);
  return images && *images >= 0 && images_name(*images) == name ? images : std::nullopt;
}

void expect_stage_name(const std::string& name) {
  expect_file_name("stages", name);
  for (const auto taken : {std::span<const std::string_view>(kFiles), {kFolders}, {kPictures}})
    expect_free("stages", name, taken);
}

void expect_picture_name(const std::string& name) {
  expect_file_name("a picture", name);
  for (const auto taken : {std::span<const std::string_view>(kFiles), {kFolders}})
    expect_free("a picture", name, taken);
}

void expect_run_name(const std::string& name) {
  expect_file_name("a run", name);
  expect_free("a run", name, kFolders);
  if (name == "last" || whole_number(name) || run_number(name))
    throw ConfigError(
        fmt::format("a run cannot be named '{}': a number and `last` find runs by their order; choose a "
                    "word",
                    name));
}

bool is_file_of_run(std::string_view name) {
  return std::ranges::find(kFiles, name) != kFiles.end() || name.starts_with("events.out.tfevents.");
}

std::pair<int64_t, fs::path> claim_number(const fs::path& out) {
  for (;;) {
    const Numbers before = numbers_in(out);
    int64_t number = before.newest + 1;
    while (before.taken.contains(number)) ++number;
    if (number > kMostRuns)
      throw FileError(
          fmt::format("'{}' has no number left for another run; choose another folder with --out", out.string()));
    const fs::path part = out / fmt::format("{}{}", kPart, number_name(number));
    if (!claim_folder(part)) continue;  // somebody else makes a run of this number
    if (!numbers_in(out).taken.contains(number)) return {number, part};
    std::error_code ignored;  // its run was finished between the two looks
    fs::remove(part, ignored);
  }
}

}  // namespace figment
