// Tar shards in the format of WebDataset: data that fit into no memory, and on no drive as single files.
#pragma once
#include "figment/data/format.h"

namespace figment {

/// A picture is decoded whenever it is read, and none is kept. The hash is of the shards' bytes and of the places of
/// the pictures in them. The names of classes are the lines of `classes.txt` beside the first shard, else their
/// numbers.
extern const Format kShards;

}  // namespace figment
