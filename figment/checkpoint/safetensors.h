// The one reader and writer of tensors in files: safetensors (8-byte length, JSON header, raw bytes), no code inside.
// A file from elsewhere is untrusted.
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace torch::nn {
class Module;
}

namespace figment {

/// Names are paths ("encoder.blocks.0.weight"); sorted, so equal contents give equal bytes.
using TensorMap = std::map<std::string, at::Tensor>;

/// Bytes of a safetensors file; `metadata` is its "__metadata__". float64 float32 float16 bfloat16 int64 int32 int16
/// int8 uint8 bool; strided views are written in their logical order. Larger elements come first, so each tensor is
/// aligned, then by name: the bytes are those that the Python package writes. Throws CheckpointError for another type.
std::string to_safetensors(const TensorMap&, const std::map<std::string, std::string>& metadata = {});

struct TensorFile {
  TensorMap tensors = {};  ///< on the CPU, each with memory of its own
  std::map<std::string, std::string> metadata = {};
};

/// Checks everything before any tensor is made: header size, ranges that cover the data without gap or overlap, dtype
/// and shape against bytes. Throws CheckpointError: "x.safetensors: 'encoder.weight' says …".
TensorFile from_safetensors(std::string_view bytes, std::string_view name);

/// The same for a file of at most 64 GiB, read tensor by tensor. Throws FileError as InputFile does.
TensorFile load_safetensors(const std::filesystem::path&);

/// Parameters and buffers by their paths, sharing memory with the module.
TensorMap tensors_of(const torch::nn::Module&);

/// Copies `from` into the tensors of `into`, which must have the same names, shapes and types. Every missing, extra and
/// wrong-shaped tensor is named in one CheckpointError before any is touched.
void load_strictly(const TensorMap& from, const TensorMap& into, std::string_view name);

}  // namespace figment
