// Finds and loads the feature extractors of a run: the first, which may have chosen its checkpoint, and the second,
// which chose nothing. `role` is kFeaturesRole or kSecondFeaturesRole.
#pragma once
#include <optional>

#include "figment/contracts/capabilities.h"
#include "figment/contracts/dataset.h"
#include "figment/evaluation/subject.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// The run whose data are images: the run itself, or the parent that made codes of them.
const LoadedRun& run_of_images(const LoadedRun&);

/// Throws RunError where `extractor` has no features of such images; `named` begins the sentence.
void expect_extracts(const LoadedRun& extractor, const DataSpec& images, std::string_view named);

/// The run's own parent in this role, else the newest finished classifier of the same images in the folder of runs: for
/// the first extractor of the default network, for the second one with network=pooled. Nothing is loaded.
std::optional<RunFolder> feature_extractor_of(const RunFolder&, const char* role);

/// The run or the file of an Inception network that is named, else `feature_extractor_of` the run; nothing where there
/// is none, and where a neighbour cannot be used, which `notes` then says. Throws RunError where the run that is named
/// has no features of these images, CheckpointError where the file does not hold the network.
std::optional<FeatureExtractor> load_feature_extractor(const LoadedRun&, const char* role,
                                                       const std::optional<std::string>& named,
                                                       std::vector<std::string>& notes);

/// Hash of the images that a run learns from, or that its codes are made of.
std::string hash_of_images(const RunFolder&);

/// Message for a run without a feature extractor: how to get one.
std::string without_feature_extractor(const LoadedRun&, const char* role);

/// Fréchet distance between all images of `real` and as many that are drawn from the seeds 0, 1, …, in the features of
/// `extractor`; nothing where there are not more images than features. Where a run has a parent `features`, its best
/// checkpoint minimises it. A call of all processes, which share the work; the distance is the same for any number.
std::optional<double> sample_distance(Samples&, const LoadedRun& extractor, const Dataset& real);

}  // namespace figment
