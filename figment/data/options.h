// Settings of [data] in a recipe, free of the engine.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "figment/config/field.h"

namespace figment {

/// How a folder holds pairs of pictures, A and B.
enum class PairLayout { kNone, kHalves, kFolders };
constexpr auto words(PairLayout) { return std::to_array<std::string_view>({"none", "halves", "folders"}); }
enum class PairDirection { kAtoB, kBtoA };
constexpr auto words(PairDirection) { return std::to_array<std::string_view>({"AtoB", "BtoA"}); }

/// [data.pairs]: pictures that are conditions of others.
struct PairOptions {
  PairLayout layout = PairLayout::kNone;
  PairDirection direction = PairDirection::kAtoB;
  static constexpr auto schema() {
    return fields(field<&PairOptions::layout>(
                      "none: single images; halves: each file is A on the left, B on the right; folders: A/ "
                      "and B/, or trainA/ and trainB/, hold files of equal names"),
                  field<&PairOptions::direction>("AtoB: A is the condition and B is modelled; BtoA: the reverse")
                      .used_when<&PairOptions::layout>(PairLayout::kHalves, PairLayout::kFolders));
  }
};
static_assert(complete<PairOptions>());

struct DataOptions {
  std::string source = "fashion-mnist";
  int64_t size = 0, crop = 0, channels = 0;
  int64_t validation = 2000;
  bool flip = false, strict = false, repeat_links = false;
  std::vector<int64_t> range = {};
  int64_t grid = 0;
  PairOptions pairs = {};
  static constexpr auto schema() {
    return fields(
        field<&DataOptions::source>("name of a data set, or a folder: of IDX files, or of PNG, JPEG, WebP, GIF, BMP "
                                    "and TIFF images; or tar shards "
                                    "of such images, as x/{000..099}.tar"),
        field<&DataOptions::size>(
            "images are resized to a square of this side; 0 for their own size, or a square that suits them where most "
            "have different sizes or are larger than 512 pixels",
            {0, 4096}),
        field<&DataOptions::crop>("side of a square cut out of each image, at random for training, else the centre; 0 "
                                  "for the whole image",
                                  {0, 4096}),
        field<&DataOptions::channels>("1 grey, 3 colour, 0 for what the images have", {0, 3}),
        field<&DataOptions::validation>("training images put aside to choose the best checkpoint; at most a tenth",
                                        {0, 1e6}),
        field<&DataOptions::flip>("mirror each training image left to right with probability 1/2"),
        field<&DataOptions::strict>("an unreadable file is an error instead of a line in the report"),
        field<&DataOptions::repeat_links>("a picture that several links show counts each time; else once"),
        field<&DataOptions::range>("values of the files that become black and white, as in [0, 4095] for 12 bits in "
                                   "files of 16; empty: all that the files' bits can hold; with pairs: "
                                   "layout=folders changes the modelled picture alone, layout=halves both",
                                   {0, 65535}),
        field<&DataOptions::grid>("which grid of codes a prior learns, 0 is the coarsest; only with a parent `codes`",
                                  {0, 63}),
        field<&DataOptions::pairs>("pictures in pairs"));
  }
};
static_assert(complete<DataOptions>());

/// The same options for another source, where one is named.
inline DataOptions with_source(DataOptions options, const std::optional<std::string>& source) {
  if (source) options.source = *source;
  return options;
}

/// The published split, or where there is none a split by the hash of each file's name (nine tenths train).
/// `validation` is put aside from `train` with a seed of its own: the same images for every run. `all`: every image,
/// whatever split it belongs to.
enum class Split { kTrain, kValidation, kTest, kAll };
constexpr auto words(Split) { return std::to_array<std::string_view>({"train", "validation", "test", "all"}); }

}  // namespace figment
