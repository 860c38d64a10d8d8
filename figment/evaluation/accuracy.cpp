#include "figment/evaluation/accuracy.h"

#include "figment/contracts/capabilities.h"
#include "figment/evaluation/mean.h"

namespace figment {

void measure_accuracy(const Subject& subject, Evaluation& evaluation) {
  auto& model = dynamic_cast<Classifies&>(subject.model);
  MeanOverImages right;
  bool labelled = true;
  subject.each_batch(subject.data.measured, [&](const Batch& batch) {
    labelled = labelled && batch.condition.label().defined();
    if (labelled) right.add((model.logits(batch.x).argmax(1) == batch.condition.label()).to(torch::kDouble));
  });
  if (labelled)
    evaluation.metrics.push_back(right.metric(subject, "accuracy", "share of images"));
  else
    evaluation.left_out.push_back("accuracy: needs the class of each image, which these data do not have");
}

}  // namespace figment
