// Data sets of pictures in files: single ones (image_folder) or pairs (pair_set).
#pragma once
#include <string>

#include "figment/data/format.h"
#include "figment/data/image_files.h"
#include "figment/data/picture_files.h"
#include "figment/data/picture_size.h"

namespace figment {

/// The files of a data set, and which pictures an example is made of.
struct PictureListing {
  std::string where = {};  ///< begins sentences
  ImageFiles files = {};   ///< an example each
  std::function<ExampleFiles(const ImageFile&)> pictures = {};
  bool pairs = false;  ///< an example's second picture is the condition of the first
};

/// Every picture is decoded at opening and brought to one size and number of channels: those asked for, else those of
/// own_pixels. What cannot be read is skipped and named, or an error where options.strict. `most_bytes_kept` bounds the
/// decoded pictures in memory. Splits share what was decoded. Throws DataError before anything is decoded where the
/// pictures are too large for the machine.
Datasets open_pictures(const PictureListing&, const DataOptions&, const std::vector<Split>&, const Opening&,
                       int64_t most_bytes_kept);

/// Decodes each picture and keeps none of them but some small examples.
DataReport report_pictures(const PictureListing&, const DataOptions&, const Progress& go_on);

}  // namespace figment
