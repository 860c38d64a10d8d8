// Data sets of pictures in files: single ones (image_folder) or pairs (pair_set).
#pragma once
#include <string>

#include "figment/data/format.h"
#include "figment/data/picture_files.h"

namespace figment {

/// The files of a data set, and which pictures an example is made of.
struct PictureListing {
  std::string where = {};  ///< begins sentences
  ImageFiles files = {};   ///< an example each
  std::function<ExampleFiles(const ImageFile&)> pictures = {};
  bool pairs = false;  ///< an example's second picture is the condition of the first
};

/// Every picture is decoded at opening and brought to one size and number of channels: those asked for, else the most
/// frequent size, and colour when one of them has colour. What cannot be read is skipped and named, or an error where
/// options.strict. `most_bytes_kept` bounds the decoded pictures in memory. Splits share what was decoded.
Datasets open_pictures(const PictureListing&, const DataOptions&, const std::vector<Split>&, const Opening&,
                       int64_t most_bytes_kept);

DataReport report_pictures(const PictureListing&, const DataOptions&);

/// Half of the memory that the system and the control group leave; all where neither says.
int64_t half_of_free_memory();

}  // namespace figment
