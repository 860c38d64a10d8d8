// Where each part of a run lies, how a run is found, and how far it is. Free of the engine, so that `figment runs`
// answers at once.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// The format of run folders that this figment writes and reads; manifest.json states it. It rises when a file of a run
/// gets another meaning. Runs whose manifest states none are of format 1.
inline constexpr int64_t kRunFormat = 2;

/// The checkpoints of a run that have a name.
inline constexpr std::string_view kBestCheckpoint = "best", kLastCheckpoint = "last";

/// How good weights are by the validation part; less is better.
struct ValidationScore {
  std::string name = {};  ///< of the figure in the log, without "validation/": "bound_nats"
  double value = 0;
};

struct RunState {
  std::filesystem::path path = {};
  std::string model = {};
  std::string state = {};             ///< finished, running, stopped; other format: not kRunFormat; damaged: its
                                      ///< recipe cannot be read
  int64_t images = 0, of_images = 0;  ///< images seen, of how many
  std::optional<ValidationScore> score = {};  ///< of the best checkpoint; none where it has none
};

class RunFolder {
 public:
  /// "runs/0007-vae/" is the same as without the slash.
  explicit RunFolder(const std::filesystem::path& path) : path_(path.has_filename() ? path : path.parent_path()) {}

  /// A new numbered folder in `out`, "runs/0007-vae" for the name "vae", that holds what `fill` writes into the folder
  /// it is given; there whole or not at all. Two processes never get the same number. Throws FileError and what `fill`
  /// throws.
  static RunFolder create(const std::filesystem::path& out, const std::string& name,
                          const std::function<void(const std::filesystem::path&)>& fill);
  /// The run in this very folder. Throws RunError where there is none, where it is of another format, or by
  /// expect_own_parts, also of the run whose stage it is.
  static RunFolder at(const std::filesystem::path&);
  /// A folder; or of `out` a run's number, its name with or without the number, or `last`: the newest run that this
  /// figment can read and that has weights, else the newest that it can read. Throws RunError where there is no such
  /// run, and says what there is, and as `at` does.
  static RunFolder find(const std::string& run, const std::filesystem::path& out);
  /// The same, whatever its format and parts, and `last` may have no weights yet: what `resume` continues.
  static RunFolder named(const std::string& run, const std::filesystem::path& out);
  /// The runs in `out`, by number, then those that were given names without one; of a recipe with stages those that
  /// have begun.
  static std::vector<RunFolder> list(const std::filesystem::path& out);

  /// A recipe with stages makes one numbered folder that holds a run each, by the stages' names. Empty for a plain run,
  /// and where the recipe cannot be read.
  std::vector<RunFolder> stages() const;
  /// Its stages that have begun, or the run itself where it has none and has begun.
  std::vector<RunFolder> parts() const;
  /// The run that `sample` and `evaluate` use: the last of its stages, or the run itself. Throws RunError where it has
  /// not begun, ConfigError where the recipe cannot be read.
  RunFolder trained() const;

  const std::filesystem::path& path() const { return path_; }
  /// What `resume` continues: the folder of all stages for one of them, else itself.
  std::filesystem::path whole() const;
  /// The folder of numbered runs that it lies in, by itself or as a stage.
  std::filesystem::path out() const;
  std::filesystem::path recipe() const { return path_ / "recipe.toml"; }
  std::filesystem::path data() const { return path_ / "data.json"; }
  std::filesystem::path manifest() const { return path_ / "manifest.json"; }
  std::filesystem::path events() const { return path_ / "events.jsonl"; }
  std::filesystem::path examples() const { return path_ / "examples.safetensors"; }
  std::filesystem::path evaluation() const { return path_ / "evaluation.json"; }
  std::filesystem::path evaluations() const { return path_ / "evaluations"; }  ///< of other images, by their hash
  std::filesystem::path note() const { return path_ / "note.txt"; }            ///< what a person wrote of it
  std::filesystem::path report() const { return path_ / "report.html"; }
  /// The folder of the parent run in this role: of the same form, and complete without the parent's own folder.
  std::filesystem::path parent(const std::string& role) const { return path_ / "parents" / role; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path checkpoint(int64_t images) const;
  /// Relative to the run: "samples/000060000.png".
  static std::string picture(const std::string& name, int64_t images);
  /// Writes the bytes of a PNG file there and returns `picture(name, images)`. Throws FileError, and ConfigError where
  /// no folder of pictures may have the name.
  std::string write_picture(const std::string& name, int64_t images, std::string_view png) const;

  /// Throws RunError where a symbolic link stands in place of a stage, of the copy of a parent, or of one of theirs:
  /// whoever made the link chose what would be written. The run's own folder may be a link, which a person named.
  void expect_own_parts() const;

  /// Images of the checkpoints that are there whole, ascending.
  std::vector<int64_t> checkpoint_images() const;
  /// Images of the checkpoint that is asked for: kBestCheckpoint, else the last where none is named the best;
  /// kLastCheckpoint; or a number of images. Throws RunError where there is no such one, and says what there is.
  int64_t images_of_checkpoint(const std::string& which) const;
  int64_t best_images() const { return images_of_checkpoint(std::string(kBestCheckpoint)); }
  std::filesystem::path best_checkpoint() const { return checkpoint(best_images()); }
  void set_best(int64_t images) const;

  /// For whoever holds the run's lock and is about to write into it: removes what killed processes had not finished.
  /// Throws FileError where a symbolic link stands in place of the folder of checkpoints.
  void make_ready() const;

  bool begun() const;
  void set_finished() const;
  void set_unfinished() const;  ///< of a training that is to go on. Throws FileError
  bool finished() const;
  RunState state() const;

 private:
  static RunFolder named(const std::string& run, const std::filesystem::path& out,
                         const std::function<bool(const RunFolder&)>& may_be_last);
  std::optional<int64_t> format() const;
  /// Whether what `trained` gives has a checkpoint, with what opening it needs.
  bool has_weights() const;
  /// Whether this figment can read the run: it has begun, in this format, and its recipe is sound.
  bool usable() const;
  std::filesystem::path path_;
};

}  // namespace figment
