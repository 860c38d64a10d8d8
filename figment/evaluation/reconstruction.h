#pragma once
#include "figment/evaluation/subject.h"

namespace figment {

/// reconstruction_mse: squared difference of an image and its reconstruction, mean over pixels and channels, on [0,1].
void measure_reconstruction(const Subject&, Evaluation&);

}  // namespace figment
