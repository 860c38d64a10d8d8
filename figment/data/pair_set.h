// Pairs of pictures, A and B, of which one is the condition of the other (data of pix2pix; Isola et al. 2017).
#pragma once
#include <optional>
#include <string>

#include "figment/data/format.h"
#include "figment/data/picture_set.h"

namespace figment {

/// Chosen by data.pairs.layout and never guessed: pictures twice as wide as high may be single ones, and folders A/ and
/// B/ may be classes. Splits and classes are found as in a folder of pictures.
/// halves: each file is A on its left half and B on its right.
/// folders: a picture's side is the first of its folders that is called A or B, or a split in any spelling with A or B
/// behind it (trainA, test_B); A's and B's pictures of equal names, whatever their endings, are partners.
/// Partners that are missing or differ in size are skipped and named; so are two pictures of one name on one side,
/// unless one of them alone can be read. Throws DataError where there is no pair.
extern const Format kPairs;

/// The same for tests that bound the memory.
PictureListing pair_listing(const Source&, const DataOptions&);

/// For a plain folder: a sentence with the setting, where its pictures look like pairs in two folders.
std::optional<std::string> may_be_pairs(const Source&, const ImageFiles&);

}  // namespace figment
