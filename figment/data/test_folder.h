// What the tests of this room share: a folder of their own, and a data set read whole.
#pragma once
#include <gmock/gmock.h>

#include <vector>

#include "figment/base/test_folder.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"

namespace figment {

/// A test with a folder of data.
class FolderTest : public OwnFolder {
 protected:
  DataOptions options() const { return {.source = folder.string(), .validation = 0}; }
};

inline Batch read_all(const Dataset& set) {
  Batch all;
  each_batch(set, set.size(), [&](const Batch& batch) { all = batch; });
  return all;
}

inline std::vector<int64_t> labels_of(const Dataset& set) {
  if (set.size() == 0) return {};
  const Tensor labels = read_all(set).condition.label();
  return {labels.data_ptr<int64_t>(), labels.data_ptr<int64_t>() + labels.numel()};
}

}  // namespace figment
