// New images from a run.
#pragma once
#include "figment/runs/loaded_run.h"
#include "figment/runs/requests.h"

namespace figment {

/// Image i has seed request.seed + i and the condition number i of `Conditions` (data/conditions.h). Throws RunError
/// where the model draws nothing or the caller cancels, ConfigError for an option that it does not use or a condition
/// that it does not take.
std::vector<Image> draw_images(LoadedRun&, const DrawRequest&);

/// The class of each of these images, in words; nothing where the model is given none. Throws as draw_images does.
std::vector<std::string> classes_of(LoadedRun&, const DrawRequest&);

/// Rows of pictures: an image, its kept part, its completions. Throws as draw_images does.
std::vector<std::vector<Image>> complete_images(LoadedRun&, const CompleteRequest&);

}  // namespace figment
