// Words that several verbs take, declared once.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "figment/config/field.h"
#include "figment/records/run_folder.h"
#include "figment/runs/engine.h"

namespace figment::cli {

/// Every verb takes these four, so that a script may pass them to all; where one has no effect the help says so.
struct Common {
  std::optional<int64_t> seed = {};
  std::optional<int> threads = {};
  std::optional<std::string> device = {};
  bool json = false;

  EngineOptions engine() const;
};

/// What they do to a verb; empty: nothing.
struct CommonUse {
  std::string seed = {};
  std::string threads = "compute threads, 0 for what the machine grants";
  std::string device = "auto, cpu, cuda or cuda:N";
};
inline const CommonUse kComputesNothing{.threads = {}, .device = {}};

void add_common(CLI::App&, Common&, const CommonUse& = {});

/// RUN and the folder that numbers and `last` refer to.
struct RunArgument {
  std::string run = {};
  std::filesystem::path out = TrainRequest{}.out;
  std::string checkpoint = std::string(kBestCheckpoint);
};
void add_out(CLI::App&, std::filesystem::path& out);
void add_run(CLI::App&, RunArgument&);
/// The same, for a verb that uses one of its checkpoints.
void add_trained_run(CLI::App&, RunArgument&);

/// --data and --split: which images a verb looks at.
struct DataArgument {
  std::string source = {};
  std::string word = {};

  std::optional<std::string> named() const;  ///< none: the run's own data
  /// The one that is named; else the test split, and of a folder that is named all of it.
  Split split() const;
};
void add_data(CLI::App&, DataArgument&);

/// What a person gives: an option for each row of kGivenKinds, and --attribute NAME=VALUE for an attribute of the data
/// by its own name. Each may stand several times.
void add_given(CLI::App&, std::vector<Given>&, std::string_view GivenKind::* by_default);

/// What is measured and how: --data, --split, --count, --importance-samples, --features.
struct EvaluateWords {
  DataArgument data = {};
  EvaluateRequest request = {};

  EvaluateRequest read(const Common&) const;
};
void add_evaluate_words(CLI::App&, EvaluateWords&);

/// An option for every row of a table of settings and of the tables within it: `top_k` becomes --top-k, `pairs.layout`
/// --pairs-layout, the doc the help. What was typed goes
/// through the reader of the recipes: the same checks, the same sentences. A member that is set already shows as the
/// default.
class FieldOptions {
 public:
  FieldOptions(CLI::App&, void* defaults, std::span<const Field> rows, const std::vector<std::string>& except = {});
  void read_into(void* owner) const;

 private:
  CLI::App* app_;
  std::span<const Field> rows_;
};

/// Where the word stands in the list. Throws ConfigError with a suggestion; `where` begins the sentence.
size_t position_of(const std::string& word, const std::vector<std::string>& known, std::string_view where);

/// Throws ConfigError unless the name ends with `extension`, and FileError where it is plain already that the file
/// cannot be written: no such folder, one that may not be written, a name that is too long. It is called before
/// anything is computed.
void expect_output(const std::filesystem::path&, std::string_view extension);

}  // namespace figment::cli
