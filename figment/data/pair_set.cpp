#include "figment/data/pair_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using Part = PictureFile::Part;

/// Which side of a pair a picture is, and where both would lie if the folders of the sides were not there.
struct Placed {
  char side = 0;  // 'A', 'B'; 0: neither
  fs::path place = {};
};

Placed placed(const fs::path& path) {
  constexpr std::array<std::string_view, 4> kSplits = {"", "train", "test", "val"};
  Placed result;
  for (const fs::path& part : path.parent_path()) {
    const std::string name = part.string();
    const std::string_view before(name.data(), name.size() - 1);
    const bool is_side =
        (name.back() == 'A' || name.back() == 'B') && std::ranges::find(kSplits, before) != kSplits.end();
    if (result.side != 0 || !is_side) {
      result.place /= part;
      continue;
    }
    result.side = name.back();
    if (!before.empty()) result.place /= before;
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

Sides sides_of(const std::vector<fs::path>& paths) {
  Sides sides;
  for (const fs::path& path : paths) {
    const Placed at = placed(path);
    if (at.side == 0) {
      ++sides.others;
      continue;
    }
    auto& side = at.side == 'A' ? sides.a : sides.b;
    const auto [first, is_new] = side.emplace(fs::path(at.place).replace_extension(), path);
    if (!is_new)
      sides.skipped.push_back({readable_name(path), "has the name of " + readable_name(first->second) +
                                                        "; which of them is the partner is not known"});
  }
  return sides;
}

PictureListing halves(const Source& source, PairDirection direction) {
  const bool a_to_b = direction == PairDirection::kAtoB;
  return {.where = source.folder.string(),
          .files = arranged(source.folder, find_images(source.folder)),
          .pictures =
              [a_to_b](const ImageFile& file) {
                return ExampleFiles{{.file = file, .part = a_to_b ? Part::kRight : Part::kLeft},
                                    {.file = file, .part = a_to_b ? Part::kLeft : Part::kRight}};
              },
          .pairs = true};
}

void skip_lonely(const std::map<fs::path, fs::path>& side, const std::map<fs::path, fs::path>& other, char name,
                 std::vector<SkippedFile>& skipped) {
  for (const auto& [key, path] : side)
    if (!other.contains(key))
      skipped.push_back({readable_name(path), fmt::format("has no partner of this name in {}", name)});
}

PictureListing folders(const Source& source, PairDirection direction) {
  FoundImages found = find_images(source.folder);
  Sides sides = sides_of(found.paths);
  const auto add = [&](std::vector<SkippedFile> more) {
    found.skipped.insert(found.skipped.end(), more.begin(), more.end());
  };
  add(sides.skipped);
  skip_lonely(sides.a, sides.b, 'B', found.skipped);
  skip_lonely(sides.b, sides.a, 'A', found.skipped);
  if (sides.others > 0)
    found.notes.push_back(fmt::format("{} outside the folders of A and B {} ignored", counted(sides.others, "image"),
                                      sides.others == 1 ? "is" : "are"));
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
  const bool a_to_b = direction == PairDirection::kAtoB;
  return {.where = source.folder.string(),
          .files = arranged(source.folder, std::move(found), [](const fs::path& path) { return placed(path).place; }),
          .pictures =
              [a_to_b, partner_of = std::move(partner_of)](const ImageFile& a) {
                ExampleFiles pair = {{.file = a}, {.file = partner_of.at(a.path)}};
                if (a_to_b) std::swap(pair[0], pair[1]);
                return pair;
              },
          .pairs = true};
}

bool recognises(const Source&, const DataOptions& options) { return options.pairs.layout != PairLayout::kNone; }

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  return open_pictures(pair_listing(source, options.pairs), options, splits, opening, half_of_free_memory());
}

DataReport report(const Source& source, const DataOptions& options) {
  return report_pictures(pair_listing(source, options.pairs), options);
}

/// The count of "512x256" where its width is twice its height, else 0.
int64_t twice_as_wide(const std::pair<std::string, int64_t>& size) {
  const size_t cross = size.first.find('x');
  int64_t width = 0, height = 0;
  std::from_chars(size.first.data(), size.first.data() + cross, width);
  std::from_chars(size.first.data() + cross + 1, size.first.data() + size.first.size(), height);
  return width == 2 * height ? size.second : 0;
}

}  // namespace

PictureListing pair_listing(const Source& source, const PairOptions& options) {
  if (!source.computed.empty() || !has_images(source.folder))
    throw DataError(fmt::format("data.pairs: '{}' holds no PNG or JPEG images; leave data.pairs.layout at none",
                                source.computed.empty() ? source.folder.string() : source.computed));
  return (options.layout == PairLayout::kHalves ? halves : folders)(source, options.direction);
}

std::optional<std::string> may_be_pairs(const Source& source, const DataReport& report) {
  const Sides sides = sides_of(find_images(source.folder).paths);
  const auto partners =
      std::ranges::count_if(sides.a, [&](const auto& picture) { return sides.b.contains(picture.first); });
  if (partners > 0 && 2 * partners > int64_t(std::max(sides.a.size(), sides.b.size())))
    return fmt::format(
        "A and B hold {} of the same name, read as single images; if they are pairs, set "
        "data.pairs.layout=folders",
        counted(partners, "image"));
  int64_t wide = 0;
  for (const auto& size : report.sizes) wide += twice_as_wide(size);
  if (2 * wide > report.train + report.validation + report.test)
    return fmt::format("{} {} twice as wide as high; if each is a pair side by side, set data.pairs.layout=halves",
                       counted(wide, "image"), wide == 1 ? "is" : "are");
  return std::nullopt;
}

const Format kPairs{.kind = "pairs of pictures", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
