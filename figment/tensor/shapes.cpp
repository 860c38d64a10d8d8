#include "figment/tensor/shapes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "figment/base/error.h"

namespace figment {

void expect_shape(const Tensor& x, std::initializer_list<int64_t> extents, std::string_view where,
                  std::string_view what) {
  bool fits = x.defined() && size_t(x.dim()) == extents.size();
  for (size_t i = 0; fits && i < extents.size(); ++i)
    fits = extents.begin()[i] == -1 || extents.begin()[i] == x.size(int64_t(i));
  if (fits) return;
  std::vector<std::string> wanted;
  for (const int64_t extent : extents) wanted.push_back(extent == -1 ? "*" : std::to_string(extent));
  const std::string got = x.defined() ? fmt::format("[{}]", fmt::join(x.sizes(), ", ")) : "no tensor";
  throw ShapeError(fmt::format("{}: {} must be [{}], got {}", where, what, fmt::join(wanted, ", "), got));
}

}  // namespace figment
