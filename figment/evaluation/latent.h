// What the numbers of a code are used for.
#pragma once
#include "figment/evaluation/metrics.h"

namespace figment {

/// active_units: numbers of the code whose posterior mean varies over images by more than 0.01 (variance).
/// Source  Burda et al. 2016, Sec. 5.1. Warns of posterior collapse when fewer than a tenth are active.
void measure_active_units(const Subject&, Evaluation&);

/// The gauges of a model, averaged over all examples.
void measure_inner_life(const Subject&, Evaluation&);

}  // namespace figment
