#include "figment/evaluation/reconstruction.h"

#include "figment/contracts/capabilities.h"
#include "figment/evaluation/mean.h"
#include "figment/tensor/tensors.h"

namespace figment {

void measure_reconstruction(const Subject& subject, Evaluation& evaluation) {
  auto& model = dynamic_cast<Reconstructs&>(subject.model);
  MeanOverImages error;
  subject.each_batch(subject.data.measured, [&](const Batch& batch) {
    error.add((to_unit(model.reconstruct(batch.x)) - to_unit(batch.x)).square().flatten(1).mean(1));
  });
  evaluation.metrics.push_back(error.metric(subject, "reconstruction_mse", "squared error on [0,1]"));
}

}  // namespace figment
