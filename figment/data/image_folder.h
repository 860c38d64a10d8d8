// A folder of pictures; sub-folders are classes (`arranged` says how a folder is read).
#pragma once
#include "figment/data/format.h"
#include "figment/data/picture_set.h"

namespace figment {

PictureListing folder_listing(const Source&, const DataOptions&);

/// open_pictures says how pictures are read. They are kept where they fit into half of the free memory.
extern const Format kImageFolder;

}  // namespace figment
