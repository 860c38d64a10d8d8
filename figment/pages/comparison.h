// Runs side by side: what they draw, every figure, what the figures say.
#pragma once
#include <string>
#include <vector>

#include "figment/evaluation/evaluation.h"
#include "figment/media/image.h"
#include "figment/records/run_record.h"

namespace figment {

struct Compared {
  std::string name = {};  ///< "0003-gan": of its folder, or "0003-gan/gan" of a stage
  RunRecord record = {};
  Evaluation evaluation = {};  ///< with the same feature extractor, images and seed as the others
  Image samples = {};
};

/// The figure of this name, null where it was not measured.
const Metric* metric_of(const Compared&, std::string_view name);

/// In words, from the figures alone: how sharp the drawn images are, how close to training images, who is nearest to
/// the data and by what. Values that differ by less than 10 % count as equal.
std::vector<std::string> findings(const std::vector<Compared>&);

/// {"runs": [{"path", "model", "metrics": {… as in evaluation.json}, "cost": {"minutes", "parameters",
/// "images_per_second"}}], "words": […]}; a cost that is not known is null.
Json to_json(const std::vector<Compared>&);

/// One page that loads nothing from elsewhere.
std::string comparison_page(const std::vector<Compared>&);

}  // namespace figment
