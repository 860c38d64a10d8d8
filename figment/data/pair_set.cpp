#include "figment/data/pair_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"
#include "figment/data/folder_words.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using Part = PictureFile::Part;

/// Which side of a pair a picture is, and where both would lie if the folders of the sides were not there.
struct Placed {
  char side = 0;  // 'A', 'B'; 0: neither
  fs::path place = {};
};

/// "A" and "train" of "trainA", whatever the spelling of train; "A" and nothing of "A".
std::optional<std::pair<char, std::string>> side_of(const std::string& folder) {
  if (folder == "A" || folder == "B") return std::pair(folder[0], "");
  const auto word = split_word(folder);
  if (!word || word->side.empty()) return std::nullopt;
  return std::pair(word->side[0], folder.substr(0, folder.size() - 1));
}

Placed placed(const fs::path& path) {
  Placed result;
  for (const fs::path& part : path.parent_path()) {
    const auto side = side_of(part.string());
    if (result.side != 0 || !side) {
      result.place /= part;
      continue;
    }
    result.side = side->first;
    if (!side->second.empty()) result.place /= side->second;
  }
  result.place /= path.filename();
  return result;
}

/// Both sides' pictures by their place without its ending.
struct Sides {
  std::map<fs::path, fs::path> a = {}, b = {};
  std::vector<SkippedFile> skipped = {};  // a second picture of the same name
  int64_t others = 0;                     // of no side
};

/// Why a file is no picture, by its headers; nothing where it is one.
std::optional<std::string> fault_of(const fs::path& path) {
  const PictureFile picture{.file = {.path = path, .name = readable_name(path)}};
  const auto failure = failure_of({picture}, [&] { info_of(picture, bytes_of_file(picture.file)); });
  if (!failure) return std::nullopt;
  return failure->reason;
}

/// Of two pictures of one name the one that can be read stays in `kept`, else the first; the other is skipped.
SkippedFile settle(const fs::path& folder, fs::path& kept, fs::path second) {
  std::optional<std::string> fault = fault_of(folder / second);
  if (!fault) {
    fault = fault_of(folder / kept);
    if (fault) std::swap(kept, second);
  }
  return {readable_name(second),
          fault.value_or("has the name of " + readable_name(kept) + "; which of them is the partner is not known")};
}

Sides sides_of(const fs::path& folder, const std::vector<fs::path>& paths) {
  Sides sides;
  for (const fs::path& path : paths) {
    const Placed at = placed(path);
    if (at.side == 0) {
      ++sides.others;
      continue;
    }
    auto& side = at.side == 'A' ? sides.a : sides.b;
    const auto [first, is_new] = side.emplace(fs::path(at.place).replace_extension(), path);
    if (!is_new) sides.skipped.push_back(settle(folder, first->second, path));
  }
  return sides;
}

PictureListing halves(const Source& source, const DataOptions& options) {
  const bool a_to_b = options.pairs.direction == PairDirection::kAtoB;
  return {.where = source.folder.string(),
          .files = arranged(source.folder, find_images(source.folder, options.repeat_links)),
          .pictures =
              [a_to_b, range = value_range(options)](const ImageFile& file) {
                return ExampleFiles{{.file = file, .part = a_to_b ? Part::kRight : Part::kLeft, .range = range},
                                    {.file = file, .part = a_to_b ? Part::kLeft : Part::kRight, .range = range}};
              },
          .pairs = true};
}

void skip_lonely(const std::map<fs::path, fs::path>& side, const std::map<fs::path, fs::path>& other, char name,
                 std::vector<SkippedFile>& skipped) {
  for (const auto& [key, path] : side)
    if (!other.contains(key))
      skipped.push_back({readable_name(path), fmt::format("has no partner of this name in {}", name)});
}

PictureListing folders(const Source& source, const DataOptions& options) {
  FoundImages found = find_images(source.folder, options.repeat_links);
  Sides sides = sides_of(source.folder, found.paths);
  const auto add = [&](std::vector<SkippedFile> more) {
    found.skipped.insert(found.skipped.end(), more.begin(), more.end());
  };
  add(sides.skipped);
  skip_lonely(sides.a, sides.b, 'B', found.skipped);
  skip_lonely(sides.b, sides.a, 'A', found.skipped);
  if (sides.others > 0)
    found.notes.push_back(fmt::format("{} outside the folders of A and B {} ignored", counted(sides.others, "image"),
                                      is_or_are(sides.others)));
  std::map<fs::path, ImageFile> partner_of;  // B by the path of A
  found.paths.clear();
  for (const auto& [key, path] : sides.a)
    if (const auto b = sides.b.find(key); b != sides.b.end()) {
      found.paths.push_back(path);
      partner_of[source.folder / path] = {.path = source.folder / b->second, .name = readable_name(b->second)};
    }
  if (found.paths.empty())
    throw DataError(
        fmt::format("{}: holds no pairs; data.pairs.layout=folders needs folders A/ and B/, or trainA/ and "
                    "trainB/, with pictures of equal names",
                    source.folder.string()));
  const bool a_to_b = options.pairs.direction == PairDirection::kAtoB;
  return {.where = source.folder.string(),
          .files = arranged(source.folder, std::move(found), [](const fs::path& path) { return placed(path).place; }),
          .pictures =
              [a_to_b, range = value_range(options), partner_of = std::move(partner_of)](const ImageFile& a) {
                ExampleFiles pair = {{.file = a}, {.file = partner_of.at(a.path)}};
                if (a_to_b) std::swap(pair[0], pair[1]);
                pair[0].range = range;
                return pair;
              },
          .pairs = true};
}

bool recognises(const Source&, const DataOptions& options) { return options.pairs.layout != PairLayout::kNone; }

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  return open_pictures(pair_listing(source, options), options, splits, opening, free_memory() / 2);
}

DataReport report(const Source& source, const DataOptions& options, const Progress& go_on) {
  return report_pictures(pair_listing(source, options), options, go_on);
}

}  // namespace

PictureListing pair_listing(const Source& source, const DataOptions& options) {
  if (!source.shards.empty())
    throw DataError(
        fmt::format("data.pairs: '{}' are shards, whose pictures are read as single images; leave "
                    "data.pairs.layout at none",
                    options.source));
  if (!source.computed.empty() || !has_images(source.folder))
    throw DataError(fmt::format("data.pairs: '{}' holds no images ({} are read); leave data.pairs.layout at none",
                                source.computed.empty() ? source.folder.string() : source.computed, kReadFormats));
  return (options.pairs.layout == PairLayout::kHalves ? halves : folders)(source, options);
}

std::optional<std::string> may_be_pairs(const Source& source, const ImageFiles& files) {
  std::vector<fs::path> paths;
  for (const auto* part : {&files.train, &files.test, &files.aside})
    for (const ImageFile& file : *part) paths.push_back(file.path.lexically_relative(source.folder));
  const Sides sides = sides_of(source.folder, paths);
  const auto partners =
      std::ranges::count_if(sides.a, [&](const auto& picture) { return sides.b.contains(picture.first); });
  if (partners == 0 || 2 * partners <= int64_t(std::max(sides.a.size(), sides.b.size()))) return std::nullopt;
  return fmt::format(
      "A and B hold {} of the same name, read as single images; if they are pairs, set data.pairs.layout=folders",
      counted(partners, "image"));
}

const Format kPairs{.kind = "pairs of pictures", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
