// Everything that can be asked of figment, free of the engine's headers: the program, a server or a C++ product talks
// to this page alone. The program opens the library at run time and calls figment_engine(); a product links it and does
// the same.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "figment/contracts/event.h"
#include "figment/records/run_folder.h"
#include "figment/runs/requests.h"

namespace figment {

/// A trained model, ready. Uses the averaged weights of one checkpoint.
class OpenedRun {
 public:
  virtual ~OpenedRun() = default;
  virtual std::string model() const = 0;
  virtual std::filesystem::path path() const = 0;
  virtual std::string weights_hash() const = 0;
  virtual bool draws() const = 0;  ///< whether `sample` can be asked
  /// Width and height of its pictures; none where it draws points.
  virtual std::optional<std::pair<int64_t, int64_t>> picture_sides() const = 0;
  /// The picture in a file as the run's own are read: `data.range` holds for it too. Throws FileError, DataError.
  virtual Image read_picture(const std::filesystem::path&) = 0;
  virtual std::vector<Image> sample(const DrawRequest&) = 0;
  /// The class of each image of such a request, in words: "bag", of several attributes "bag, red". Nothing where the
  /// model is given none.
  virtual std::vector<std::string> classes(const DrawRequest&) = 0;
  /// Rows: an image, its kept part (grey below), and its completions. With a prior over codes, codes are kept:
  /// pixels near the edge may change with what is drawn below, and an example is shown as its codes decode.
  virtual std::vector<std::vector<Image>> complete(const CompleteRequest&) = 0;
  /// Pairs: example, its reconstruction. `images` empty: held-out examples kept in the run.
  virtual std::vector<std::pair<Image, Image>> reconstruct(const std::vector<Image>& images, int64_t count) = 0;
  /// Rows of pictures between two codes, those of held-out examples (or random ones where the model cannot encode).
  virtual std::vector<std::vector<Image>> interpolate(const InterpolateRequest&) = 0;
  /// Rows of pictures along one latent dimension each.
  virtual std::vector<std::vector<Image>> traverse(const TraverseRequest&) = 0;
  struct Codes {
    int64_t rows = 0, columns = 0;      ///< images, and numbers of each
    std::vector<float> values = {};     ///< latent vectors; empty where the model has a codebook
    std::vector<int64_t> numbers = {};  ///< of codes, grid after grid, each row by row; empty where it has none
    std::vector<std::pair<int64_t, int64_t>> grids = {};  ///< of codes: width and height
    std::vector<int64_t> labels = {};
    std::vector<std::string> label_names = {};
    std::vector<std::string> notes = {};  ///< sentences: what was left aside of the data or chosen, and why
    std::vector<std::string> names = {};  ///< of the files, a row each; empty where the images have none
  };
  /// `data`: another source, opened as the run's own data is.
  virtual Codes encode(const std::optional<std::string>& data, Split split, const Progress& go_on) = 0;
  /// Every metric that applies. Figures of the run's own test split are kept in the run and shown by its report.
  virtual Evaluation evaluate(const EvaluateRequest&) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  /// Trains a new run and returns its folder. Throws Interrupted after saving when a signal, or the request's token,
  /// asks for a stop. Where the recipe says training.processes above 1 it forks, so no other thread of a product may be
  /// at work then. Where the request has a rendezvous of several processes, each calls this with a rank of its own and
  /// is otherwise asked for the same: process 0 writes the run and tells the events, the others return an empty path.
  /// No other thread of a product may open TCP connections while these meet: they too would end after six seconds
  /// without an answer from the other machine.
  virtual std::filesystem::path train(const TrainRequest&, EventSink&) = 0;
  /// Continues a run and returns its folder; a finished one is left alone (a warning how to train
  /// it further, then the event kFinished). Processes of a rendezvous all name the same folder.
  virtual std::filesystem::path resume(const ResumeRequest&, EventSink&) = 0;
  /// `checkpoint`: `best`, `last`, or the number of images of one that the run keeps.
  virtual std::unique_ptr<OpenedRun> open(const std::filesystem::path& run,
                                          const std::string& checkpoint = std::string(kBestCheckpoint)) = 0;
  /// Measures runs that draw images, by the same feature extractor, images and seed, and says what the figures say.
  virtual Comparison compare(const CompareRequest&) = 0;
  /// `go_on`: while the files of a folder are read.
  virtual DataSummary inspect_data(const DataOptions&, const Progress& go_on) = 0;
  virtual Json doctor() = 0;
};

}  // namespace figment

/// The one function that crosses when the program opens the library. Never returns null; throws figment::Error.
extern "C" figment::Engine* figment_engine(const figment::EngineOptions&);
