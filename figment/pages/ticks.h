// Where the ticks of an axis stand.
#pragma once
#include <vector>

namespace figment {

/// 1, 2 or 5 times a power of ten apart, within [least, most], about so many (half to twice). Empty unless both are
/// finite and least < most.
std::vector<double> nice_ticks(double least, double most, int about);

/// For a logarithmic axis: powers of ten, and 2 and 5 times them where the span is under three decades. Falls back to
/// nice_ticks where fewer than two would be left. Empty unless 0 < least < most.
std::vector<double> log_ticks(double least, double most);

}  // namespace figment
