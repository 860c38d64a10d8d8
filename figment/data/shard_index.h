// What a tar shard in the format of WebDataset holds. Members whose path is the same up to the first dot of their base
// name, its key, and that follow each other, are one sample: 000012.jpg, 000012.cls, 000012.json.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "figment/base/input_file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/data/catalog.h"
#include "figment/data/tar.h"

namespace figment {

/// Classes of shards are numbers below this.
inline constexpr int64_t kMostClasses = int64_t(1) << 16;

/// A picture in a shard: 40 bytes, beside those of its key.
struct ShardSample {
  int64_t offset = 0;   ///< where its file begins in the shard
  int64_t key_end = 0;  ///< in ShardIndex::keys
  int32_t length = 0;   ///< bytes of its file
  int32_t label = -1;   ///< its class, -1 where the sample has none
  int32_t width = 0, height = 0;
  int32_t mode = 0;  ///< in ShardIndex::modes
};

/// Made once, by reading the shard from its beginning to its end and decoding each picture, so that whatever reads a
/// sample later knows that it can be read.
struct ShardIndex {
  int64_t bytes = 0, modified = 0;             ///< of the shard: by these it is told whether it has changed
  std::string hash = {};                       ///< of all bytes of the shard
  std::vector<ShardSample> samples = {};       ///< in the order of the shard
  std::string keys = {};                       ///< of all samples, one behind the other
  std::vector<std::string> modes = {};         ///< "rgb 8 bit"
  std::vector<SkippedFile> skipped = {};       ///< samples that cannot be used, by their keys; "" is the archive
  std::map<std::string, int64_t> others = {};  ///< members that figment does not read, by the ends of their names

  std::string_view key(size_t sample) const;
  bool is_of(const InputFile& shard) const { return bytes == shard.size() && modified == shard.modified(); }
};

/// Reads a shard. Of a sample it takes the picture, whose ending is that of a format that is read and has no dot
/// ("jpg", not "seg.png"), the first one of several, and the class, the number in the file `cls`. Where the archive
/// ends too early or is none, `skipped` says so, and what stands before is right. Throws what `next` throws.
ShardIndex made_index(const NextBytes& next);

/// The index of a shard as it is now: the one in the folder of caches, or where there is none, or the shard has changed
/// since, one made now, which is kept there. `note` gets a sentence where the kept one is damaged, or none can be kept.
/// Throws FileError where the shard cannot be read.
ShardIndex index_of(const std::filesystem::path& shard, std::string& note);

/// An index as a file.
std::string to_file(const ShardIndex&);
/// The hash that the file of an index holds of itself.
std::string hash_of_content(const TensorFile&);
/// Throws DataError where the file is damaged or holds something else: its samples lie within the shard, its numbers
/// within their ranges.
ShardIndex index_from_file(const TensorFile&, std::string_view where);

}  // namespace figment
