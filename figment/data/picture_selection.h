// Which files a data set is made of, and what they are brought to: what opening and reporting do alike.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "figment/data/picture_set.h"

namespace figment {

/// Throws DataError naming the first, unless there is none.
void refuse(const std::vector<SkippedFile>&, std::string_view where);

std::vector<ImageFile> files_of(const ImageFiles&, Split, const DataOptions&);
std::vector<ExampleFiles> examples_of(const PictureListing&, const std::vector<ImageFile>&);

/// The files of some splits, one split after the other.
struct SelectedFiles {
  std::vector<ImageFile> files = {};
  std::vector<std::vector<int64_t>> rows = {};  ///< of each split
};
/// Of each split at most the first `most`, 0 for all. Throws DataError where a test part was asked for and is empty, if
/// it may not be lacking.
SelectedFiles selected_files(const PictureListing&, const DataOptions&, const std::vector<Split>&, const Opening&);

/// What each picture of an example is brought to, and sentences about the choice.
struct Targets {
  std::vector<PixelSpec> pixels = {};
  std::vector<std::string> notes = {};
};
/// The headers of all training files decide where nothing else does; the bytes of `selected` are kept where they fit.
Targets targets_of(const PictureListing&, const DataOptions&, const DataSpec* like,
                   const std::vector<ImageFile>& selected, FileBytes&, const Progress&);

}  // namespace figment
