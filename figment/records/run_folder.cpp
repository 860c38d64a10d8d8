#include "figment/records/run_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/file_name.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/records/checkpoint_note.h"
#include "figment/records/recipe.h"
#include "figment/records/run_care.h"
#include "figment/records/run_names.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kFinished = "finished";  // is there once the training is done

/// Kept for what an evaluation or a report is writing just now.
constexpr std::chrono::hours kLeftoverAge{1};

/// Numbered folders in their order, whatever they hold, then the other runs by their names.
std::vector<RunFolder> runs_in(const fs::path& out) {
  std::vector<RunFolder> all;
  std::error_code ignored;
  for (const fs::path& entry : entries_of(out))
    if ((run_number(entry) || RunFolder(entry).begun()) && fs::is_directory(entry, ignored)) all.emplace_back(entry);
  std::ranges::sort(all, {}, [](const RunFolder& run) {
    const auto number = run_number(run.path());
    return std::tuple(!number, number, run.path());
  });
  return all;
}

/// Nothing where the note cannot be read: whoever opens the checkpoint says so.
std::optional<ValidationScore> score_of(const fs::path& checkpoint) {
  try {
    return read_note(checkpoint).score;
  } catch (const Error&) { return std::nullopt; }
}

/// The part of a folder's name that a person chose, or the model: "shoes" of "0007-shoes".
std::string name_of(const RunFolder& run) {
  const std::string name = run.path().filename().string();
  return run_number(run.path()) ? name.substr(name.find('-') + 1) : name;
}

/// The format that a manifest states, 1 where it states none. Empty where the manifest cannot be read: whoever needs
/// what else it holds says so.
std::optional<int64_t> format_in(const fs::path& manifest) {
  try {
    const Json json = parse_json(read_file(manifest), manifest.string());
    if (!json.is_object()) return std::nullopt;
    return integer_of(find(json, {"format"})).value_or(1);
  } catch (const Error&) { return std::nullopt; }
}

}  // namespace

RunFolder RunFolder::create(const fs::path& out, const std::string& name,
                            const std::function<void(const fs::path&)>& fill) {
  expect_run_name(name);
  make_folder(out);
  remove_leftovers(out / "", kLeftoverAge, holds_only_a_run);  // the slash: the folder of runs may be a link
  const auto [number, part] = claim_number(out);
  const RunFolder run(out / fmt::format("{}-{}", number_name(number), name));
  fill_folder(part, run.path(), fill);
  return run;
}

RunFolder RunFolder::at(const fs::path& path) {
  std::error_code ignored;  // a name the system cannot even look up is no run
  if (const RunFolder folder(path); fs::exists(folder.recipe(), ignored)) {
    if (const auto format = folder.format(); format && format != kRunFormat)
      throw RunError(
          fmt::format("'{}' is a run of format {}, this figment reads format {}; train it anew, or use the "
                      "figment that wrote it",
                      path.string(), *format, kRunFormat));
    RunFolder(folder.whole()).expect_own_parts();
    return folder;
  }
  if (fs::is_directory(path, ignored))
    throw RunError(fmt::format("'{}' is no run: it holds no recipe.toml", path.string()));
  throw RunError(fmt::format("there is no run '{}'", path.string()));
}

RunFolder RunFolder::find(const std::string& run, const fs::path& out) {
  return at(named(run, out, [](const RunFolder& one) { return one.usable() && one.has_weights(); }).path());
}

RunFolder RunFolder::named(const std::string& run, const fs::path& out) {
  return named(run, out, [](const RunFolder& one) { return one.usable(); });
}

RunFolder RunFolder::named(const std::string& run, const fs::path& out,
                           const std::function<bool(const RunFolder&)>& may_be_last) {
  std::error_code ignored;
  if (fs::exists(fs::path(run) / "recipe.toml", ignored)) return RunFolder(run);
  std::vector<RunFolder> all = runs_in(out);
  if (const auto number = whole_number(run))
    for (const RunFolder& folder : all)
      if (run_number(folder.path()) == number) return folder;
  std::erase_if(all, [](const RunFolder& folder) { return !folder.begun(); });
  if (run == "last" && !all.empty()) {
    std::vector<RunFolder> in_order = all;
    std::erase_if(in_order, [](const RunFolder& folder) { return !run_number(folder.path()); });
    if (in_order.empty()) in_order = all;
    for (const auto& fits : {may_be_last, {&RunFolder::usable}})
      if (const auto newest = std::find_if(in_order.rbegin(), in_order.rend(), fits); newest != in_order.rend())
        return *newest;
    return in_order.back();  // whoever opens it says why it cannot be used
  }
  std::vector<std::string> called;
  for (const RunFolder& folder : all) {
    if (folder.path().filename() == run) return folder;
    if (name_of(folder) == run) called.push_back(folder.path().string());
  }
  if (called.size() == 1) return RunFolder(called[0]);
  if (called.size() > 1)
    throw RunError(fmt::format("'{}' names {} runs: {}; name one by its folder or its number", run, called.size(),
                               listed(called)));
  if (fs::is_directory(run, ignored)) return RunFolder(run);
  if (all.empty())
    throw RunError(fmt::format("there is no run '{}': '{}' holds none yet, `figment train vae --out {}` makes one", run,
                               out.string(), shell_quoted(out.string())));
  std::vector<std::string> words = {"last"};
  for (const RunFolder& folder : all) words.push_back(folder.path().string());
  throw RunError(fmt::format("there is no run '{}'{}", run,
                             did_you_mean(run, words,
                                          fmt::format("'{}' holds {}. RUN is a folder, a number, a name or `last`",
                                                      out.string(), counted(int64_t(all.size()), "run")))));
}

std::vector<RunFolder> RunFolder::list(const fs::path& out) {
  std::vector<RunFolder> all;
  for (const RunFolder& folder : runs_in(out)) {
    const std::vector<RunFolder> parts = folder.parts();
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

std::vector<RunFolder> RunFolder::parts() const {
  std::vector<RunFolder> all = stages();
  if (all.empty()) all.push_back(*this);
  std::erase_if(all, [](const RunFolder& part) { return !part.begun(); });
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
  const std::vector<std::string> names = read_stages(Table::load(recipe()));
  if (names.empty()) return *this;
  const RunFolder last(path_ / names.back());
  if (!last.begun())
    throw RunError(
        fmt::format("'{}' has not begun: a stage before it is still to be trained; `figment resume {}` goes on",
                    last.path().string(), shell_quoted(path_.string())));
  return last;
}

fs::path RunFolder::checkpoint(int64_t images) const { return checkpoints() / images_name(images); }

std::string RunFolder::picture(const std::string& name, int64_t images) {
  return fmt::format("{}/{}.png", name, images_name(images));
}

std::string RunFolder::write_picture(const std::string& name, int64_t images, std::string_view png) const {
  expect_picture_name(name);
  const std::string file = picture(name, images);
  make_own_folder((path_ / file).parent_path());
  write_file(path_ / file, png);
  return file;
}

std::vector<int64_t> RunFolder::checkpoint_images() const {
  std::vector<int64_t> all;
  for (const fs::path& entry : entries_of(checkpoints()))
    if (const auto images = images_of_name(entry.filename().string())) all.push_back(*images);
  std::sort(all.begin(), all.end());
  return all;
}

int64_t RunFolder::images_of_checkpoint(const std::string& which) const {
  const std::vector<int64_t> all = checkpoint_images();
  if (all.empty())
    throw RunError(fmt::format("'{}' has no checkpoint yet; `figment resume {}` trains it", path_.string(),
                               shell_quoted(whole().string())));
  if (which == kLastCheckpoint) return all.back();
  if (which != kBestCheckpoint) {
    const auto images = whole_number(which);
    if (images && std::ranges::find(all, *images) != all.end()) return *images;
    throw RunError(fmt::format("'{}' has no checkpoint '{}'; it keeps the best and the last: {}", path_.string(), which,
                               fmt::join(all, ", ")));
  }
  const fs::path best = checkpoints() / kBestCheckpoint;
  const auto named = is_there(best) ? images_of_name(read_file(best)) : std::nullopt;
  return named && is_there(checkpoint(*named)) ? *named : all.back();
}

void RunFolder::set_best(int64_t images) const { write_file(checkpoints() / kBestCheckpoint, images_name(images)); }

void RunFolder::make_ready() const {
  make_own_folder(checkpoints());
  remove_leftovers(checkpoints(), std::chrono::seconds(0));  // there, only the holder of the lock writes
  remove_leftovers(path_, kLeftoverAge);
  for (const fs::path& entry : entries_of(path_)) remove_leftovers(entry, kLeftoverAge);
}

fs::path RunFolder::whole() const {
  const RunFolder above(path_.parent_path());
  const auto names_this = [&](const RunFolder& stage) { return stage.path().filename() == path_.filename(); };
  return std::ranges::any_of(above.stages(), names_this) ? above.path() : path_;
}

fs::path RunFolder::out() const { return whole().parent_path(); }

bool RunFolder::begun() const { return is_there(recipe()); }

void RunFolder::set_finished() const { write_file(path_ / kFinished, ""); }

void RunFolder::set_unfinished() const {
  std::error_code error;
  fs::remove(path_ / kFinished, error);
  if (error) throw FileError(fmt::format("cannot remove '{}': {}", (path_ / kFinished).string(), error.message()));
}

bool RunFolder::finished() const { return is_there(path_ / kFinished); }

/// What the run's manifest states. A folder of stages has no manifest: then what that of a stage states.
std::optional<int64_t> RunFolder::format() const {
  if (const auto own = format_in(manifest())) return own;
  try {
    for (const fs::path& entry : entries_of(path_))
      if (const auto of_stage = format_in(RunFolder(entry).manifest())) return of_stage;
  } catch (const FileError&) {}  // as format_in: whoever needs the folder says so
  return std::nullopt;
}

bool RunFolder::usable() const {
  try {
    if (const auto stated = format(); stated && *stated != kRunFormat) return false;
    const Table table = Table::load(recipe());
    if (read_stages(table).empty()) read_recipe(table);
    return true;
  } catch (const Error&) { return false; }
}

bool RunFolder::has_weights() const {
  const std::vector<RunFolder> all = stages();
  const RunFolder last = all.empty() ? *this : all.back();
  return last.begun() && is_there(last.data()) && !last.checkpoint_images().empty();
}

void RunFolder::expect_own_parts() const {
  const auto expect_no_link = [](const fs::path& part) {
    std::error_code ignored;
    if (fs::is_symlink(part, ignored))
      throw RunError(
          fmt::format("'{}': a symbolic link stands there, and a run lies in its own folder alone; put a copy of the "
                      "folder in its place",
                      part.string()));
  };
  const fs::path of_parents = path_ / "parents";
  expect_no_link(of_parents);
  std::vector<RunFolder> parts = stages();
  for (const fs::path& entry : entries_of(of_parents)) parts.emplace_back(entry);
  for (const RunFolder& part : parts) {
    expect_no_link(part.path());
    part.expect_own_parts();
  }
}

RunState RunFolder::state() const {
  RunState state{.path = path_, .state = finished() ? "finished" : FolderLock::held(path_) ? "running" : "stopped"};
  try {
    const std::vector<int64_t> all = checkpoint_images();
    if (!all.empty()) state.images = all.back();
    if (!all.empty()) state.score = score_of(best_checkpoint());
    const Recipe recipe = read_recipe(Table::load(this->recipe()));
    state.model = recipe.model;
    state.of_images = recipe.training.images;
  } catch (const Error&) { state.state = "damaged"; }
  if (const auto format = this->format(); format && format != kRunFormat) state.state = "other format";
  return state;
}

}  // namespace figment
