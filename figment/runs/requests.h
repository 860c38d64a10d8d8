// What can be asked of figment, and what comes back, free of the engine's headers: a page of plain structs that the
// interface (engine.h) and whoever answers it share.
#pragma once
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "figment/base/progress.h"
#include "figment/config/table.h"
#include "figment/contracts/given.h"
#include "figment/contracts/sample_options.h"
#include "figment/data/options.h"
#include "figment/evaluation/evaluation.h"
#include "figment/media/image.h"
#include "figment/training/rendezvous.h"

namespace figment {

/// What this process computes with; decided once, before the first tensor.
struct EngineOptions {
  int threads = 0;              ///< 0: what the machine grants
  std::string device = "auto";  ///< auto, cpu, cuda, cuda:N
};

struct TrainRequest {
  Table recipe = {};                   ///< [model], [data], [training], [parents]; or stages, each with these
  std::filesystem::path out = "runs";  ///< folder of numbered run folders
  std::string command = {};            ///< what the user typed: kept in the report
  std::string name = {};               ///< of the run, "0007-<name>"; none: that of the model
  std::string note = {};               ///< kept in the run and shown by its report
  std::stop_token stop = {};           ///< asked to stop, the training saves and throws Interrupted, as after SIGTERM
  Rendezvous rendezvous = {};          ///< where each process of the training was started, on one machine or on several
  int most_processes = 1;              ///< that figment may choose and fork, where the recipe leaves their number to it
};

struct ResumeRequest {
  std::filesystem::path run = {};
  std::optional<int64_t> images = {};     ///< another length of the training, from which its schedule follows anew; a
                                          ///< finished run then goes on
  std::optional<std::string> data = {};   ///< where the same data lie now
  std::optional<int64_t> processes = {};  ///< another number of them for the rest of the training, whose bits change
  std::stop_token stop = {};              ///< as that of TrainRequest
  Rendezvous rendezvous = {};             ///< as for a new run
};

/// Images `first`, `first` + 1, … of an endless row of images: each is the same whichever others are asked for.
struct DrawRequest {
  int64_t first = 0, count = 64;
  int64_t seed = 0;               ///< image i uses seed + i: it looks the same alone and in a grid
  std::vector<Given> given = {};  ///< {"class", "bag"}; what is given several times is taken in turn, what is not
                                  ///< given from all classes or the run's examples in turn
  SampleOptions options = {};
  Progress go_on = {};
};

struct CompleteRequest {
  std::vector<Image> images = {};  ///< none: held-out examples kept in the run
  int64_t count = 8;               ///< of them
  double keep = 0.5;               ///< share of the rows (of pixels or codes) that stay, from the top
  int64_t draws = 6;               ///< completions of each image
  int64_t seed = 0;                ///< draw j of image i uses seed + i draws + j
  std::vector<Given> given = {};   ///< a class, where the model takes one; none: that of the example; of images one
                                   ///< after the other, from draw to draw
  SampleOptions options = {};
  Progress go_on = {};
};

/// Between codes of given images, of held-out examples of the run, or between random ones where the model cannot
/// encode.
struct InterpolateRequest {
  std::vector<Image> images = {};  ///< two at least, a row from each to the next; none: held-out examples
  int64_t rows = 8;                ///< largest number of rows of examples; each row uses two
  int64_t steps = 10;              ///< pictures of a row, ends included
  int64_t seed = 0;                ///< chooses the pairs of examples
};
/// One latent dimension of an example changes, all others stay.
struct TraverseRequest {
  int64_t dimension = -1;  ///< below 0: those that vary most over examples, a row each
  int64_t rows = 10;       ///< most of them
  int64_t steps = 11;      ///< pictures of a row
  double span = 3;         ///< from -span to +span standard deviations of the prior
  int64_t seed = 0;        ///< chooses the example
};

struct EvaluateRequest {
  std::optional<std::string> data = {};  ///< another source, opened as the run's own data is; none: the run's own
  Split split = Split::kTest;
  int64_t count = 0;  ///< images evaluated, 0 for all
  int64_t seed = 0;
  int64_t importance_samples = 500;  ///< k of the importance-weighted bound; 0 leaves it out
  /// The network whose features score samples: a run (a folder, a number or `last`), or the file x.safetensors of an
  /// Inception network; none: the run's own, else the newest finished classifier of the same images.
  std::optional<std::string> features = {};
  /// A second one, which chose no checkpoint; none: the newest finished classifier with network=pooled.
  std::optional<std::string> second_features = {};
  Progress go_on = {};
};

struct CompareRequest {
  std::vector<std::filesystem::path> runs = {};  ///< two at least
  EvaluateRequest evaluate = {};  ///< for all of them; `features` none: the extractors of the first run that has one
};
struct Comparison {
  Json json = {};         ///< of to_json in comparison.h
  std::string page = {};  ///< HTML
};

struct DataSummary {
  Json report = {};                    ///< of report_data
  std::vector<Picture> examples = {};  ///< up to 64, named by their classes
};

}  // namespace figment
