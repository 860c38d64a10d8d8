// Points of mixtures of Gaussians on the plane: toys that a network learns in a minute, and whose truth is known.
// `ring` is eight around a circle of radius 2, `grid` is five by five, 2 apart; the deviation is 0.1.
#pragma once
#include "figment/data/format.h"

namespace figment {

struct Mixture {
  Tensor centres;  ///< [M,2]
  double deviation = 0.1;
};
/// Of the set of this name, all centres equally probable.
Mixture mixture_of(const std::string& name);

/// 50,000 points to train on and 10,000 to test, the same in every run. x [N,2] float.
/// Throws DataError when `like` is of another kind.
extern const Format kPoints;

}  // namespace figment
