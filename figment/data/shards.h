// The samples of several tar shards as the rows of one table, read where they lie.
#pragma once
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figment/base/progress.h"
#include "figment/data/shard_index.h"

namespace figment {

/// Bytes that are best read in one piece: to go there takes a drive about as long as to read a small part of them.
inline constexpr int64_t kBytesTogether = int64_t(1) << 24;

/// Rows are numbered through all shards in order. In memory stands the index alone: 40 bytes and the key of each
/// sample.
class Shards {
 public:
  /// Takes the indices that are kept, and makes those that are not, several shards at once. Throws FileError where a
  /// shard cannot be read.
  Shards(const std::vector<std::filesystem::path>& shards, const Progress& go_on);

  int64_t size() const { return begins_.back(); }
  const ShardSample& sample(int64_t row) const;
  std::string_view key(int64_t row) const;
  std::string_view mode(int64_t row) const;
  std::string name(int64_t row) const;  ///< "003.tar/000012": as people read it
  std::string hash(int64_t row) const;  ///< tells the bytes of this picture from all others

  /// The file of a picture. Called from several threads at once. The system is asked for the bytes around it too, for
  /// those who read neighbours soon. Throws DataError where the shard is not as it was when its index was made.
  std::string bytes(int64_t row) const;

  /// Samples that cannot be used, named as `name` does, with their keys; the key "" is the whole archive.
  struct Skipped {
    std::string key = {};
    SkippedFile file = {};
  };
  const std::vector<Skipped>& skipped() const { return skipped_; }
  /// Sentences: archives that end too early, members that are not read, indices that could not be kept.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Shard {
    std::filesystem::path path = {};
    std::string name = {};
    ShardIndex index = {};
  };
  /// The shard of a row, and the row's place in it.
  std::pair<const Shard&, size_t> place(int64_t row) const;
  void say_others();
  void foresee(const InputFile&, const Shard&, int64_t offset) const;

  std::vector<Shard> shards_ = {};
  std::vector<int64_t> begins_ = {0};  // the first row of each shard, and behind the last one their number
  std::vector<Skipped> skipped_ = {};
  std::vector<std::string> notes_ = {};
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<const Shard*, int64_t>> foreseen_ = {};  // of the last parts that were asked for
  mutable size_t next_foreseen_ = 0;
};

}  // namespace figment
