#include "cli/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/config/table.h"
#include "figment/data/source.h"

namespace figment::cli {
namespace {

constexpr const char* kCommonGroup = "Options of every verb";
constexpr size_t kLongestName = 255;  // bytes that file systems allow

/// `pairs.layout` becomes --pairs-layout.
std::string option_name(const std::string& setting) {
  std::string name = "--" + setting;
  std::ranges::replace_if(name, [](char c) { return c == '_' || c == '.'; }, '-');
  return name;
}

using UseSetting = std::function<void(const std::string& dotted, const Field&, const Value&)>;

/// Every setting of these rows and of the tables within them.
void each_setting(void* owner, std::span<const Field> rows, const std::string& prefix, const UseSetting& use) {
  for (const Field& row : rows) {
    const std::string name = prefix + std::string(row.name);
    if (row.fields)
      each_setting(row.member(owner), row.fields(), name + ".", use);
    else
      use(name, row, row.get(owner));
  }
}

std::string shown(const Value& value) {
  return std::visit(
      [](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
          return fmt::format("{}", v);
        else
          return fmt::format("{}", fmt::join(v, ","));
      },
      value);
}

}  // namespace

EngineOptions Common::engine() const {
  EngineOptions options;
  if (threads) options.threads = *threads;
  if (device) options.device = *device;
  return options;
}

void add_common(CLI::App& app, Common& common, const CommonUse& use) {
  const auto effect = [](const std::string& text) { return text.empty() ? "accepted, without effect here" : text; };
  app.add_option("--seed", common.seed, effect(use.seed))
      ->check(CLI::Range(int64_t(0), int64_t(9e15)).description(""))
      ->type_name("N")
      ->group(kCommonGroup);
  app.add_option("--threads", common.threads, effect(use.threads))
      ->check(CLI::Range(0, 1024).description(""))
      ->type_name("N")
      ->group(kCommonGroup);
  app.add_option("--device", common.device, effect(use.device))->type_name("NAME")->group(kCommonGroup);
  app.add_flag("--json", common.json, "JSON alone on stdout, all else on stderr")->group(kCommonGroup);
  app.set_help_flag("-h,--help", "this page")->group(kCommonGroup);
}

void add_out(CLI::App& app, std::filesystem::path& out) {
  const auto is_file = [](const std::string& word) -> std::string {
    const std::filesystem::path path = word;
    for (const char* ending : {".png", ".npy", ".csv", ".html", ".json"})
      if (path.extension() == ending && !std::filesystem::is_directory(path))
        return fmt::format("is the folder of runs, and '{}' looks like a file; name the file with -o {}", word,
                           shell_quoted(word));
    return "";
  };
  app.add_option("--out", out, "folder of the numbered runs")
      ->check(CLI::Validator(is_file, ""))
      ->type_name("DIR")
      ->capture_default_str();
}

void add_run(CLI::App& app, RunArgument& argument) {
  app.add_option("RUN", argument.run, "a run: its folder, number or name, or `last`")->required()->type_name("");
  add_out(app, argument.out);
}

void add_trained_run(CLI::App& app, RunArgument& argument) {
  add_run(app, argument);
  app.add_option("--checkpoint", argument.checkpoint, "best, last, or the number of images of one that the run keeps")
      ->type_name("WHICH")
      ->capture_default_str();
}

std::optional<std::string> DataArgument::named() const {
  if (source.empty()) return std::nullopt;
  find_source(source);  // a mistyped one is answered before the engine is loaded
  return source;
}

Split DataArgument::split() const {
  if (word.empty()) return !source.empty() && is_named_by_place(source) ? Split::kAll : Split::kTest;
  const std::vector<std::string> all(kWords<Split>.begin(), kWords<Split>.end());
  return Split(position_of(word, all, "--split"));
}

void add_data(CLI::App& app, DataArgument& argument) {
  app.add_option("--data", argument.source,
                 "another data set in place of the run's own, opened with the run's data settings")
      ->type_name("SOURCE");
  app.add_option("--split", argument.word,
                 fmt::format("{}; default: test, and all of a folder or of shards that --data names",
                             fmt::join(kWords<Split>, ", ")))
      ->type_name("SPLIT");
}

void add_given(CLI::App& app, std::vector<Given>& given, std::string_view GivenKind::* by_default) {
  for (const GivenKind& kind : kGivenKinds)
    app.add_option_function<std::vector<std::string>>(
           "--" + std::string(kind.word),
           [&given, word = std::string(kind.word)](const std::vector<std::string>& values) {
             for (const std::string& value : values) given.push_back({word, value});
           },
           fmt::format("{}; default: {}", kind.help, kind.*by_default))
        ->type_name(std::string(kind.value));
  app.add_option_function<std::vector<std::string>>(
         "--attribute",
         [&given](const std::vector<std::string>& pairs) {
           for (const std::string& pair : pairs) {
             const size_t equals = pair.find('=');
             if (equals == 0 || equals == std::string::npos)
               throw CLI::ValidationError("--attribute", "must be NAME=VALUE, got '" + pair + "'");
             given.push_back({pair.substr(0, equals), pair.substr(equals + 1)});
           }
         },
         "value of a named attribute, if the model is conditioned on it, for instance colour=red")
      ->type_name("NAME=VALUE");
}

EvaluateRequest EvaluateWords::read(const Common& common) const {
  EvaluateRequest all = request;
  all.data = data.named();
  all.split = data.split();
  all.seed = common.seed.value_or(all.seed);
  return all;
}

void add_evaluate_words(CLI::App& app, EvaluateWords& words) {
  add_data(app, words.data);
  app.add_option("-n,--count", words.request.count, "images, 0 for all")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 40).description(""))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("-k,--importance-samples", words.request.importance_samples,
                 "k of the importance-weighted bound, 0 leaves it out; time grows with it")
      ->check(CLI::Range(0, 1 << 20).description(""))
      ->type_name("K")
      ->capture_default_str();
  app.add_option("--features", words.request.features,
                 "the network whose features score samples: a classifier run, or the .safetensors file of an Inception "
                 "network; "
                 "none: the classifier that a run was trained with, else the newest of the same images")
      ->type_name("RUN|FILE");
}

FieldOptions::FieldOptions(CLI::App& app, void* defaults, std::span<const Field> rows,
                           const std::vector<std::string>& except)
    : app_(&app), rows_(rows) {
  each_setting(defaults, rows, "", [&](const std::string& name, const Field& row, const Value& value) {
    if (std::ranges::find(except, name) != except.end()) return;
    const std::string doc(row.doc);
    if (std::holds_alternative<bool>(value))
      app.add_flag(option_name(name), doc);
    else
      app.add_option(option_name(name), doc)->default_str(shown(value))->type_name("X");
  });
}

void FieldOptions::read_into(void* owner) const {
  Table typed;
  each_setting(owner, rows_, "", [&](const std::string& name, const Field&, const Value& value) {
    const CLI::Option* option = app_->get_option_no_throw(option_name(name));
    if (option && option->count() > 0)
      typed.set(name, std::holds_alternative<bool>(value) ? "true" : option->as<std::string>());
  });
  typed.read_into(owner, rows_);
}

size_t position_of(const std::string& word, const std::vector<std::string>& known, std::string_view where) {
  const auto found = std::find(known.begin(), known.end(), word);
  if (found == known.end()) throw ConfigError(fmt::format("{} {}", where, must_be_one_of(known, word)));
  return size_t(found - known.begin());
}

void expect_output(const std::filesystem::path& path, std::string_view extension) {
  const std::string name = path.filename().string();
  if (path.extension() != extension)
    throw ConfigError(fmt::format("-o {}: the file's name must end with {}", path.string(), extension));
  if (name.size() > kLongestName)
    throw FileError(fmt::format("-o: the file's name has {} bytes, at most {} can be written; choose a shorter one",
                                name.size(), kLongestName));
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code ignored;  // a name the system cannot even look up is no folder
  if (!std::filesystem::is_directory(folder, ignored))
    throw FileError(
        fmt::format("-o {}: there is no folder '{}'; make it, or choose another", path.string(), folder.string()));
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw FileError(fmt::format("-o {}: files in '{}' cannot be made: {}; choose another folder", path.string(),
                                folder.string(), std::strerror(errno)));
  if (std::filesystem::is_directory(path, ignored))
    throw FileError(fmt::format("-o {}: this is a folder; name a file", path.string()));
}

}  // namespace figment::cli
