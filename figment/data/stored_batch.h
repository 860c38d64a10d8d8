// Examples as tensors in a file: those that a run keeps, and those of a derived data set. Every kind of condition
// travels by its names.
#pragma once
#include <string_view>

#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/batch.h"

namespace figment {

/// "x" and every tensor of the condition by the name that `each_tensor` gives it.
TensorMap to_tensors(const Batch&);

/// The inverse. The file may come from anywhere: types, extents, numbers of rows and ranges are held against the spec,
/// and nothing may be missing or left over. Codes may be stored in 32 bits; they become int64. Throws DataError;
/// `where` begins the sentence.
Batch from_tensors(TensorMap, const DataSpec&, std::string_view where);

}  // namespace figment
