// A folder of IDX files, the format of the MNIST family (LeCun et al. 1998):
// {train,t10k}-{images-idx3,labels-idx1}-ubyte, gzipped or not; test-… is taken for t10k-….
#pragma once
#include "figment/data/format.h"

namespace figment {

/// Throws DataError for files that are missing, damaged or contradict each other.
extern const Format kIdxFiles;

}  // namespace figment
