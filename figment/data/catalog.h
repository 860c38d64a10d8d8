// From the word after --data to a data set.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "figment/base/progress.h"
#include "figment/contracts/dataset.h"
#include "figment/data/options.h"
#include "figment/media/image.h"

namespace figment {

/// A file that cannot be read, and why.
struct SkippedFile {
  std::string name, reason;
};

/// How a data set is opened, beside its options.
struct Opening {
  const DataSpec* like = nullptr;               ///< a stored spec that the sets must conform to
  bool augmented = true;                        ///< false: training images are neither cropped at random nor flipped
  std::vector<SkippedFile>* skipped = nullptr;  ///< files of the splits that cannot be read are added
  /// An attribute of which `like` does not know a value is left out, and `notes` says so; otherwise it is an error.
  bool may_lack_classes = false;
  bool may_lack_test = false;                 ///< a test split that is not there is null; otherwise it is an error
  std::vector<std::string>* notes = nullptr;  ///< sentences: what was left aside or chosen, and why, are added
  Progress go_on = {};                        ///< while files are read
  int64_t most = 0;  ///< of each split at least the first so many are opened, others need not be; 0: all
};
using Datasets = std::vector<std::unique_ptr<Dataset>>;

/// Opens some splits of a source, in the order asked for. A file that several of them need is read once. With `like`
/// the sets conform to a stored spec (extents, channels, attributes and their values in that order) or say in a
/// sentence why they cannot: resuming, evaluating on other data. If `like` lacks a condition, the set's is dropped. A
/// set without classes is accepted; the model checks whether it needs them. The validation part may be empty (none
/// asked for, fewer than ten images); an empty train or test split throws. Throws DataError.
Datasets open_datasets(const DataOptions&, const std::vector<Split>&, const Opening& = {});

/// The same for one split.
std::unique_ptr<Dataset> open_dataset(const DataOptions&, Split, const DataSpec* like = nullptr,
                                      std::vector<SkippedFile>* skipped = nullptr);

/// Summary of a data set for `figment data`.
struct DataReport {
  std::string source, kind;                                   ///< "folder of images", "IDX files"
  int64_t train = 0, validation = 0, test = 0;                ///< images a run would use
  std::vector<std::pair<std::string, int64_t>> classes = {};  ///< name and count, over all splits
  std::vector<std::pair<std::string, int64_t>> sizes = {};    ///< "28x28", most frequent first, at most 12
  std::vector<std::pair<std::string, int64_t>> modes = {};    ///< "grey 8 bit", "palette 8 bit"
  std::vector<SkippedFile> skipped = {};
  std::vector<std::string> warnings = {};  ///< sentences: sizes differ, one class holds 90 %, files are ignored
  /// Some training images as a run would see them, or smaller, named by their classes; none: read the set.
  std::vector<Picture> examples = {};
};
DataReport report_data(const DataOptions&, const Progress& go_on = {});

}  // namespace figment
