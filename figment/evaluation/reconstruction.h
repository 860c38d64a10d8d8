#pragma once
#include "figment/evaluation/metrics.h"

namespace figment {

/// reconstruction_mse: squared error per sub-pixel on [0,1], of the image and its reconstruction.
void measure_reconstruction(const Subject&, Evaluation&);

}  // namespace figment
