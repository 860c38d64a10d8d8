// What the dimensions of a latent code are used for.
#pragma once
#include "figment/evaluation/subject.h"

namespace figment {

/// active_units: the latent dimensions whose code (of a VAE the posterior mean) varies over images by more than 0.01
/// (variance). Warns where fewer than a tenth are active; what to do about it depends on the model, whose alarm says
/// it.
/// Source  Burda et al. 2016, arXiv:1509.00519, Sec. 5.1
void measure_active_units(const Subject&, Evaluation&);

/// A series for each gauge of the model: its values, averaged over all examples.
void measure_gauges(const Subject&, Evaluation&);

}  // namespace figment
