#include "figment/data/picture_size.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/text.h"
#include "figment/data/geometry.h"
#include "figment/data/loader.h"
#include "figment/data/parallel.h"

namespace figment {
namespace {

constexpr int64_t kLargestChosenSide = 64;  // what the recipes' networks and a processor without a GPU manage
constexpr int64_t kLargestOwnSide = 512;    // a photo of a camera is not meant to be modelled as it is

struct FrequentSize {
  int64_t width = 0, height = 0, count = 0;
};
/// Ties: the larger.
FrequentSize most_frequent_size(const Sizes& sizes) {
  const auto& [size, count] = *std::ranges::max_element(sizes, {}, [](const auto& entry) {
    return std::tuple(entry.second, entry.first.first * entry.first.second, entry.first);
  });
  return {.width = size.first, .height = size.second, .count = count};
}

/// The shorter side that half of the pictures have at least.
int64_t median_side(const Sizes& sizes) {
  std::vector<int64_t> sides;
  for (const auto& [size, count] : sizes) sides.insert(sides.end(), size_t(count), std::min(size.first, size.second));
  const auto middle = sides.begin() + int64_t(sides.size()) / 2;
  std::ranges::nth_element(sides, middle);
  return *middle;
}

/// The largest power of two that half of the pictures reach, at most kLargestChosenSide.
int64_t chosen_side(const Sizes& sizes) {
  int64_t side = kLargestChosenSide;
  while (side > 1 && side > median_side(sizes)) side /= 2;
  return side;
}

std::vector<std::vector<ImageInfo>> headers_of(const std::vector<ExampleFiles>& examples, const std::vector<bool>& keep,
                                               FileBytes& bytes, const Progress& go_on) {
  std::vector<std::vector<ImageInfo>> infos(examples.size());
  in_parallel(
      int64_t(examples.size()),
      [&](int64_t n) {
        const ExampleFiles& example = examples[size_t(n)];
        std::vector<ImageInfo>& found = infos[size_t(n)];
        failure_of(example, [&] {
          for (size_t i = 0; i < example.size(); ++i) {
            if (i > 0 && example[i - 1].file.path == example[i].file.path)
              found.push_back(found.back());  // the other half
            else
              bytes.look(example[i].file, keep[size_t(n)],
                         [&](const std::string& content) { found.push_back(info_of(example[i], content)); });
          }
        });
      },
      go_on);
  return infos;
}

}  // namespace

CommonSize common_size(const Sizes& sizes, bool cropped) {
  if (sizes.empty()) return {};
  int64_t all = 0;
  for (const auto& [size, count] : sizes) all += count;
  const FrequentSize own = most_frequent_size(sizes);
  const bool mixed = 2 * own.count < all;
  const bool large = std::max(own.width, own.height) > kLargestOwnSide;
  if (cropped || (!mixed && !large)) return {.width = own.width, .height = own.height};
  const int64_t side = chosen_side(sizes);
  const std::string reason =
      mixed ? fmt::format("the images have {} sizes, and no size is that of half of them",
                          with_commas(int64_t(sizes.size())))
            : fmt::format("most images are {} x {}, larger than {}", own.width, own.height, kLargestOwnSide);
  return {
      .width = side,
      .height = side,
      .choice = fmt::format("{}: all are brought to {} x {}, a power of two that half of them reach, {} at most; set "
                            "data.size to choose another",
                            reason, side, side, kLargestChosenSide)};
}

OwnPixels own_pixels(const std::vector<ExampleFiles>& examples, bool cropped, const std::vector<bool>& keep,
                     FileBytes& bytes, const Progress& go_on) {
  Sizes sizes;
  OwnPixels own{.pixels = std::vector<PixelSpec>(examples.empty() ? 0 : examples.front().size())};
  for (const auto& pictures : headers_of(examples, keep, bytes, go_on))
    for (size_t i = 0; i < pictures.size(); ++i) {
      ++sizes[{pictures[i].width, pictures[i].height}];
      if (has_colour(pictures[i].mode)) own.pixels[i].channels = 3;
    }
  CommonSize common = common_size(sizes, cropped);
  for (PixelSpec& spec : own.pixels) spec.width = common.width, spec.height = common.height;
  own.choice = std::move(common.choice);
  return own;
}

std::optional<std::string> memory_fault(const std::vector<PixelSpec>& targets, const DataOptions& options,
                                        int64_t examples, int64_t free_bytes) {
  int64_t each = 0;
  PixelSpec shown;
  for (const PixelSpec& target : targets) {
    shown = figment::cropped(target, geometry_options(options, Split::kTrain, false));
    each += shown.dimensions() * int64_t(sizeof(float));
  }
  const int64_t at_once = std::min(examples, kMostReadAtOnce);
  if (at_once == 0 || each <= free_bytes / at_once) return std::nullopt;
  constexpr double kGigabyte = 1e9;
  return fmt::format(
      "{} of {} x {} are read at once and need {:.1f} GB, more than half of the free memory, {:.1f} GB; make them "
      "smaller "
      "with data.size ({} is usual), or cut squares out of them with data.crop",
      counted(at_once, "image"), shown.width, shown.height, double(each) * double(at_once) / kGigabyte,
      double(free_bytes) / kGigabyte, kLargestChosenSide);
}

}  // namespace figment
