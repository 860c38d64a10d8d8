#include "figment/records/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/records/recipe.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kBest = "best";          // names the best checkpoint
constexpr std::string_view kFinished = "finished";  // is there once the training is done

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

/// 7 of "0007-vae".
std::optional<int64_t> number_of(const fs::path& path) {
  const std::string name = path.filename().string();
  const size_t dash = name.find('-');
  return dash == std::string::npos ? std::nullopt : whole_number(std::string_view(name).substr(0, dash));
}

std::vector<RunFolder> numbered(const fs::path& out) {
  std::vector<RunFolder> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(out, ignored))
    if (entry.is_directory(ignored) && number_of(entry.path())) all.emplace_back(entry.path());
  std::sort(all.begin(), all.end(), [](const RunFolder& a, const RunFolder& b) {
    return std::pair(number_of(a.path()), a.path()) < std::pair(number_of(b.path()), b.path());
  });
  return all;
}

/// The format that a manifest states, 1 where it states none. Empty where the manifest cannot be read: whoever needs
/// what else it holds says so.
std::optional<int64_t> format_in(const fs::path& manifest) {
  try {
    const Json json = parse_json(read_file(manifest), manifest.string());
    if (!json.is_object()) return std::nullopt;
    const Json& format = find(json, {"format"});
    return format.is_number_integer() ? format.get<int64_t>() : 1;
  } catch (const Error&) { return std::nullopt; }
}

std::string images_name(int64_t images) { return fmt::format("{:09}", images); }

}  // namespace

RunFolder RunFolder::create(const fs::path& out, const std::string& model) {
  make_folder(out);
  std::error_code error;
  int64_t number = 0;
  for (const RunFolder& run : numbered(out)) number = std::max(number, *number_of(run.path()));
  for (;;) {
    const fs::path path = out / fmt::format("{:04}-{}", ++number, model);
    if (fs::create_directory(path, error)) return RunFolder(path);  // false: somebody else was faster
    if (error) throw FileError(fmt::format("cannot make the folder '{}': {}", path.string(), error.message()));
  }
}

RunFolder RunFolder::at(const fs::path& path) {
  std::error_code ignored;  // a name the system cannot even look up is no run
  if (const RunFolder folder(path); fs::exists(folder.recipe(), ignored)) {
    if (const auto format = folder.format(); format && format != kRunFormat)
      throw RunError(
          fmt::format("'{}' is a run of format {}, this figment reads format {}; train it anew, or use the "
                      "figment that wrote it",
                      path.string(), *format, kRunFormat));
    return folder;
  }
  if (fs::is_directory(path, ignored))
    throw RunError(fmt::format("'{}' is no run: it holds no recipe.toml", path.string()));
  throw RunError(fmt::format("there is no run '{}'", path.string()));
}

RunFolder RunFolder::find(const std::string& run, const fs::path& out) {
  std::error_code ignored;
  if (fs::exists(fs::path(run) / "recipe.toml", ignored)) return at(run);
  const std::vector<RunFolder> all = numbered(out);
  if (run == "last" && !all.empty()) return at(all.back().path());
  if (const auto number = whole_number(run))
    for (const RunFolder& folder : all)
      if (number_of(folder.path()) == number) return at(folder.path());
  if (fs::is_directory(run, ignored)) return at(run);
  if (all.empty())
    throw RunError(
        fmt::format("there is no run '{}': '{}' holds none yet, `figment train vae` makes one", run, out.string()));
  std::vector<std::string> words = {"last"};
  for (const RunFolder& folder : all) words.push_back(folder.path().string());
  throw RunError(fmt::format("there is no run '{}'{}", run,
                             did_you_mean(run, words,
                                          fmt::format("'{}' holds {}. RUN is a folder, a number or `last`",
                                                      out.string(), counted(int64_t(all.size()), "run")))));
}

std::vector<RunFolder> RunFolder::list(const fs::path& out) {
  std::vector<RunFolder> all;
  for (const RunFolder& folder : numbered(out)) {
    const std::vector<RunFolder> stages = folder.stages();
    if (stages.empty()) all.push_back(folder);
    std::ranges::copy_if(stages, std::back_inserter(all), &RunFolder::begun);
  }
  return all;
}

std::vector<RunFolder> RunFolder::stages() const {
  std::vector<RunFolder> all;
  try {
    for (const std::string& name : read_stages(Table::load(recipe()))) all.emplace_back(path_ / name);
  } catch (const Error&) {}  // a recipe that cannot be read: whoever opens the run says so
  return all;
}

RunFolder RunFolder::trained() const {
  const std::vector<RunFolder> all = stages();
  if (all.empty()) return *this;
  if (!all.back().begun())
    throw RunError(
        fmt::format("'{}' has not begun: a stage before it is still to be trained; `figment resume {}` goes on",
                    all.back().path().string(), path_.string()));
  return all.back();
}

fs::path RunFolder::checkpoint(int64_t images) const { return checkpoints() / images_name(images); }

std::string RunFolder::picture(const std::string& name, int64_t images) {
  return fmt::format("{}/{}.png", name, images_name(images));
}

std::string RunFolder::write_picture(const std::string& name, int64_t images, std::string_view png) const {
  const std::string file = picture(name, images);
  make_folder((path_ / file).parent_path());
  write_file(path_ / file, png);
  return file;
}

std::vector<int64_t> RunFolder::checkpoint_images() const {
  std::vector<int64_t> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(checkpoints(), ignored))
    if (const auto images = whole_number(entry.path().filename().string())) all.push_back(*images);
  std::sort(all.begin(), all.end());
  return all;
}

fs::path RunFolder::best_checkpoint() const {
  const std::vector<int64_t> all = checkpoint_images();
  if (all.empty())
    throw RunError(
        fmt::format("'{}' has no checkpoint yet; `figment resume {}` trains it", path_.string(), path_.string()));
  if (const fs::path named = checkpoints() / kBest; fs::exists(named)) {
    const fs::path best = checkpoints() / read_file(named);
    if (whole_number(best.filename().string()) && fs::is_directory(best)) return best;
  }
  return checkpoint(all.back());
}

void RunFolder::set_best(int64_t images) const { write_file(checkpoints() / kBest, images_name(images)); }

fs::path RunFolder::whole() const {
  const fs::path above = path_.parent_path();
  return fs::exists(above / "recipe.toml") ? above : path_;
}

fs::path RunFolder::out() const { return whole().parent_path(); }

bool RunFolder::begun() const { return fs::exists(recipe()); }

void RunFolder::set_finished() const { write_file(path_ / kFinished, ""); }

bool RunFolder::finished() const { return fs::exists(path_ / kFinished); }

/// What the run's manifest states. A folder of stages has no manifest: then what that of a stage states.
std::optional<int64_t> RunFolder::format() const {
  if (const auto own = format_in(manifest())) return own;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_, ignored))
    if (const auto of_stage = format_in(RunFolder(entry.path()).manifest())) return of_stage;
  return std::nullopt;
}

RunState RunFolder::state() const {
  const std::vector<int64_t> all = checkpoint_images();
  RunState state{.path = path_, .images = all.empty() ? 0 : all.back()};
  state.state = finished() ? "finished" : FolderLock::held(path_) ? "running" : "stopped";
  try {
    const Recipe recipe = read_recipe(Table::load(this->recipe()));
    state.model = recipe.model;
    state.of_images = recipe.training.images;
  } catch (const Error&) { state.state = "damaged"; }
  if (const auto format = this->format(); format && format != kRunFormat) state.state = "other format";
  return state;
}

}  // namespace figment
