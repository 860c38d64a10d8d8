#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/checkpoint/safetensors.h"

namespace figment {
namespace {

std::string described(const at::Tensor& tensor) {
  return fmt::format("{} [{}]", c10::toString(tensor.scalar_type()), fmt::join(tensor.sizes(), ", "));
}

/// "; it lacks 'a', 'b' and 3 more", or nothing.
std::string part(std::string_view verb, std::vector<std::string> found) {
  constexpr size_t kMostNamed = 12;
  if (found.empty()) return "";
  if (found.size() > kMostNamed) {
    const size_t rest = found.size() - kMostNamed;
    found.resize(kMostNamed);
    found.push_back(fmt::format("{} more", rest));
  }
  return fmt::format("; {} {}", verb, listed(found));
}

}  // namespace

TensorMap tensors_of(const torch::nn::Module& module) {
  TensorMap all;
  for (const auto& item : module.named_parameters()) all.emplace(item.key(), item.value());
  for (const auto& item : module.named_buffers()) all.emplace(item.key(), item.value());
  return all;
}

void load_strictly(const TensorMap& from, const TensorMap& into, std::string_view name) {
  std::vector<std::string> missing, extra, wrong;
  for (const auto& [key, tensor] : into) {
    const auto found = from.find(key);
    if (found == from.end())
      missing.push_back(fmt::format("'{}'", key));
    else if (found->second.sizes() != tensor.sizes() || found->second.scalar_type() != tensor.scalar_type())
      wrong.push_back(fmt::format("'{}' ({} instead of {})", key, described(found->second), described(tensor)));
  }
  for (const auto& [key, tensor] : from)
    if (!into.contains(key)) extra.push_back(fmt::format("'{}'", key));
  if (!missing.empty() || !extra.empty() || !wrong.empty())
    throw CheckpointError(fmt::format("{}: does not fit what it is loaded into{}{}{}", name, part("it lacks", missing),
                                      part("it also has", extra), part("it has other shapes or types in", wrong)));
  const torch::NoGradGuard no_grad;
  for (const auto& [key, tensor] : into) at::Tensor(tensor).copy_(from.at(key));
}

}  // namespace figment
