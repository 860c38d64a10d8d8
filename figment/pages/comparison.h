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
  std::string sides = {};  ///< width and height of its images, "28 x 28"
};

/// The extractors of the panel (evaluation/frechet_panel.h), by the end of their figures' names.
struct PanelWords {
  std::string_view suffix, by;
};
inline constexpr PanelWords kPanel[] = {{"", "the first feature extractor"},
                                        {"_second", "the second one, which chose no checkpoint"},
                                        {"_pixels", "pixels in principal components"}};
inline constexpr std::string_view kTimesFloor = "frechet_distance_times_floor", kFloor = "frechet_distance_floor";

/// The figure of this name, null where it was not measured.
const Metric* metric_of(const Compared&, std::string_view name);

/// In words: what is to be known of a run before its figures are believed, and from the figures alone how sharp the
/// drawn images are, how close to training images, who is nearest to the data by each extractor. Values that differ by
/// less than 10 % count as equal; who is nearest is decided by two standard errors.
std::vector<std::string> findings(const std::vector<Compared>&);

/// {"runs": [{"path", "model", "metrics": {… as in evaluation.json}, "cost": {"minutes", "parameters",
/// "images_per_second"}}], "words": […]}; a cost that is not known is null.
Json to_json(const std::vector<Compared>&);

/// One page that loads nothing from elsewhere.
std::string comparison_page(const std::vector<Compared>&);

}  // namespace figment
