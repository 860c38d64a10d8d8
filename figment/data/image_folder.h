// A folder of PNG and JPEG pictures; sub-folders are classes (list_images says how a folder is read).
#pragma once
#include "figment/data/format.h"

namespace figment {

/// Every picture is decoded at opening, by several threads, and brought to one size and number of channels: those asked
/// for, else the most frequent size, and colour when one of them has colour. What cannot be read is skipped and named,
/// or an error where options.strict. The bytes are kept where they fit into half of the free memory; otherwise each is
/// decoded again when it is read, and the hash and every batch are the same.
extern const Format kImageFolder;

/// The same with a bound on the bytes that are kept (for tests).
std::unique_ptr<Dataset> open_image_folder(const Source&, const DataOptions&, Split, const DataSpec* like,
                                           std::vector<SkippedFile>& skipped, int64_t most_bytes_kept);

}  // namespace figment
