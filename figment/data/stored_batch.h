// Examples as tensors in a file: those that a run keeps, and those of a derived data set. Every kind of condition
// travels by its names.
#pragma once
#include <string>
#include <string_view>

#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/batch.h"

namespace figment {

/// "x" and every tensor of the condition by the name that `each_tensor` gives it.
TensorMap to_tensors(const Batch&);

/// Bytes of a safetensors file with these examples and a hash of them.
std::string to_file(const Batch&);

/// The inverse. The file may come from anywhere: the hash must be that of its tensors; types, extents, numbers of rows
/// and ranges are held against the spec, and nothing may be missing or left over. A file without metadata has no hash,
/// since an older figment wrote it. Codes may be stored in 32 bits; they become int64. Throws DataError; `where` begins
/// the sentence.
Batch from_file(TensorFile, const DataSpec&, std::string_view where);

}  // namespace figment
