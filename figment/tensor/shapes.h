#pragma once
#include <torch/torch.h>

#include <initializer_list>
#include <string_view>

namespace figment {

using torch::Tensor;

/// Throws ShapeError `where: what must be [*, 64, *, *], got [16, 32, 8, 8]`; -1 matches any extent.
void expect_shape(const Tensor&, std::initializer_list<int64_t> extents, std::string_view where, std::string_view what);

}  // namespace figment
