// Everything that can be asked of figment, free of the engine's headers: the program, a server or a C++ product talks
// to this page alone. The program opens the library at run time and calls figment_engine(); a product links it and does
// the same.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "figment/config/table.h"
#include "figment/contracts/event.h"
#include "figment/contracts/sample_options.h"
#include "figment/data/options.h"
#include "figment/evaluation/evaluation.h"
#include "figment/media/image.h"

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
};

/// Called now and then by whatever takes long, with the share done; false cancels.
using Progress = std::function<bool(double done)>;

struct DrawRequest {
  int64_t count = 64;
  int64_t seed = 0;                       ///< image i uses seed + i: it looks the same alone and in a grid
  std::optional<std::string> label = {};  ///< a class by name or number; none: all in turn, where the model takes one
  SampleOptions options = {};
  Progress go_on = {};
};

struct CompleteRequest {
  std::vector<Image> images = {};         ///< none: held-out examples kept in the run
  int64_t count = 8;                      ///< of them
  double keep = 0.5;                      ///< share of the rows (of pixels or codes) that stay, from the top
  int64_t draws = 6;                      ///< completions of each image
  int64_t seed = 0;                       ///< draw j of image i uses seed + i draws + j
  std::optional<std::string> label = {};  ///< a class, where the model takes one; none: that of the example; of images
                                          ///< one after the other, from draw to draw
  SampleOptions options = {};
  Progress go_on = {};
};

struct EvaluateRequest {
  std::optional<DataOptions> data = {};  ///< none: the run's own
  Split split = Split::kTest;
  int64_t count = 0;  ///< images evaluated, 0 for all
  int64_t seed = 0;
  int64_t importance_samples = 500;          ///< k of the importance-weighted bound; 0 leaves it out
  std::optional<std::string> features = {};  ///< what judges samples: a run (a folder, a number or `last`), or the file
                                             ///< x.safetensors of an Inception network; none: the newest finished
                                             ///< classifier of the same images
  Progress go_on = {};
};

struct CompareRequest {
  std::vector<std::filesystem::path> runs = {};  ///< two at least
  EvaluateRequest evaluate = {};  ///< for all of them; `features` none: the judge of the first run that has one
};
struct Comparison {
  Json json = {};         ///< of to_json in comparison.h
  std::string page = {};  ///< HTML
};

/// A trained model, ready. Uses the averaged weights of the best checkpoint.
class OpenedRun {
 public:
  virtual ~OpenedRun() = default;
  virtual std::string model() const = 0;
  virtual std::filesystem::path path() const = 0;
  virtual std::string weights_hash() const = 0;
  virtual std::vector<Image> sample(const DrawRequest&) = 0;
  /// Rows: an image, what stays of it (grey below), and its completions. With a prior over codes what stays are codes:
  /// pixels near the edge may change with what is drawn below, and an example is shown as its codes decode.
  virtual std::vector<std::vector<Image>> complete(const CompleteRequest&) = 0;
  /// Pairs: example, its reconstruction. `images` empty: held-out examples kept in the run.
  virtual std::vector<std::pair<Image, Image>> reconstruct(const std::vector<Image>& images, int64_t count) = 0;
  /// Rows of pictures between two codes, the ends of held-out examples (or of random draws where the model cannot
  /// encode).
  virtual std::vector<std::vector<Image>> interpolate(int64_t rows, int64_t steps, int64_t seed) = 0;
  /// Rows: one latent dimension each (the most active first when `dimension` < 0), from -span to +span standard
  /// deviations.
  virtual std::vector<std::vector<Image>> traverse(int64_t dimension, int64_t rows, int64_t steps, double span,
                                                   int64_t seed) = 0;
  struct Codes {
    int64_t rows = 0, columns = 0;
    std::vector<float> values = {};
    std::vector<int64_t> labels = {};
    std::vector<std::string> label_names = {};
  };
  virtual Codes encode(const std::optional<DataOptions>& data, Split split, const Progress& go_on) = 0;
  /// Every metric that applies. Figures of the run's own test split are kept in the run and shown by its report.
  virtual Evaluation evaluate(const EvaluateRequest&) = 0;
};

struct DataSummary {
  Json report = {};                  ///< of report_data
  std::vector<Image> examples = {};  ///< up to 64
};

class Engine {
 public:
  virtual ~Engine() = default;
  /// Trains a new run and returns its folder. Throws Interrupted after saving when a signal asks for a stop.
  virtual std::filesystem::path train(const TrainRequest&, EventSink&) = 0;
  /// Continues a run; a finished one is left alone (event kFinished at once).
  virtual std::filesystem::path resume(const std::filesystem::path& run, EventSink&) = 0;
  virtual std::unique_ptr<OpenedRun> open(const std::filesystem::path& run) = 0;
  /// Measures runs that draw images, by the same judge, images and seed, and says what the figures say.
  virtual Comparison compare(const CompareRequest&) = 0;
  virtual DataSummary inspect_data(const DataOptions&) = 0;
  virtual Json doctor() = 0;
};

}  // namespace figment

/// The one function that crosses when the program opens the library. Never returns null; throws figment::Error.
extern "C" figment::Engine* figment_engine(const figment::EngineOptions&);
