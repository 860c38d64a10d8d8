#pragma once
#include "figment/evaluation/subject.h"

namespace figment {

/// accuracy: the share of images whose largest logit is that of their class. Left out where the data have no classes.
void measure_accuracy(const Subject&, Evaluation&);

}  // namespace figment
