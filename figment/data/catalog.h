// From the word after --data to a data set.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "figment/contracts/dataset.h"
#include "figment/data/options.h"

namespace figment {

/// A file that cannot be read, and why.
struct SkippedFile {
  std::string name, reason;
};

/// Opens one split. With `like` the set conforms to a stored spec (extents, channels, class names in that order) or
/// says in a sentence why it cannot: resuming, evaluating on other data. Where `like` has no classes the set's own are
/// dropped; a set without classes stays without: whether that matters, the model knows. The validation part may be
/// empty (none asked for, fewer than ten images); an empty train or test split throws. Files of the split that cannot
/// be read are added to `skipped`. Throws DataError.
std::unique_ptr<Dataset> open_dataset(const DataOptions&, Split, const DataSpec* like = nullptr,
                                      std::vector<SkippedFile>* skipped = nullptr);

/// What was found at a path: for `figment data`, and for people who wonder why an image is missing.
struct DataReport {
  std::string source, kind;                                   ///< "folder of images", "IDX files"
  int64_t train = 0, validation = 0, test = 0;                ///< images a run would use
  std::vector<std::pair<std::string, int64_t>> classes = {};  ///< name and count, over all splits
  std::vector<std::pair<std::string, int64_t>> sizes = {};    ///< "28x28", most frequent first, at most 12
  std::vector<std::pair<std::string, int64_t>> modes = {};    ///< "grey 8 bit", "palette 8 bit"
  std::vector<SkippedFile> skipped = {};
  std::vector<std::string> warnings = {};  ///< sentences: sizes differ, one class holds 90 %, files are ignored
};
DataReport report_data(const DataOptions&);

}  // namespace figment
