#include "figment/records/run_care.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/records/run_names.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kMostBytesOfNote = 1 << 16;

bool is_folder(const fs::path& path) { return fs::symlink_status(path).type() == fs::file_type::directory; }
bool is_file(const fs::path& path) { return fs::symlink_status(path).type() == fs::file_type::regular; }

/// Whether everything in the folder is a file with a name that `own` takes.
template <class F>
bool holds_only(const fs::path& folder, F&& own) {
  return is_folder(folder) && std::ranges::all_of(entries_of(folder), [&](const fs::path& entry) {
           return is_part_name(entry.filename().string()) || (is_file(entry) && own(entry));
         });
}

bool is_picture(const fs::path& file) { return file.extension() == ".png" && images_of_name(file.stem().string()); }

bool is_checkpoint(const fs::path& folder) {
  return images_of_name(folder.filename().string()) && holds_only(folder, [](const fs::path& file) {
           return file.extension() == ".safetensors" || file.filename() == "events.json";
         });
}

/// Adds what figment did not write: in the run itself, in its stages, and in the copies of its parents.
void add_foreign(const RunFolder& run, std::vector<fs::path>& foreign) {
  const std::vector<RunFolder> stages = run.stages();
  for (const fs::path& entry : entries_of(run.path())) {
    const std::string name = entry.filename().string();
    const auto is_entry = [&](const RunFolder& stage) { return stage.path() == entry; };
    if (is_part_name(name) || (is_file(entry) && is_file_of_run(name))) continue;
    if (entry == run.checkpoints() && is_folder(entry)) {
      for (const fs::path& part : entries_of(entry))
        if (!is_checkpoint(part) && !(part.filename() == kBestCheckpoint && is_file(part)) &&
            !is_part_name(part.filename().string()))
          foreign.push_back(part);
    } else if (entry == run.path() / "parents" && is_folder(entry)) {
      for (const fs::path& parent : entries_of(entry))
        if (is_folder(parent))
          add_foreign(RunFolder(parent), foreign);
        else
          foreign.push_back(parent);
    } else if (std::ranges::any_of(stages, is_entry) && is_folder(entry)) {
      add_foreign(RunFolder(entry), foreign);
    } else if (!holds_only(entry, is_picture) &&
               !(entry == run.evaluations() &&
                 holds_only(entry, [](const fs::path& file) { return file.extension() == ".json"; }))) {
      foreign.push_back(entry);
    }
  }
}

void expect_no_stage(const RunFolder& run, std::string_view what) {
  if (run.whole() != run.path())
    throw RunError(fmt::format("'{}' is a stage of '{}' and cannot be {} alone; name that run", run.path().string(),
                               run.whole().string(), what));
}

/// Nobody trains the run or a stage of it while these are held. Throws RunError where somebody does.
std::vector<FolderLock> locks_of(const RunFolder& run) {
  run.expect_own_parts();  // a lock is a file that is written
  std::vector<FolderLock> locks;
  locks.emplace_back(run.path());
  for (const RunFolder& stage : run.stages())
    if (stage.begun()) locks.emplace_back(stage.path());
  return locks;
}

}  // namespace

std::string note_of(const RunFolder& run) {
  return is_there(run.note()) ? read_file(run.note(), kMostBytesOfNote) : "";
}

void set_note(const RunFolder& run, const std::string& text) {
  if (int64_t(text.size()) > kMostBytesOfNote)
    throw ConfigError(fmt::format("--note: a note has at most {} bytes, got {}", kMostBytesOfNote, text.size()));
  if (!text.empty()) return write_file(run.note(), text);
  std::error_code error;
  fs::remove(run.note(), error);
  if (error) throw FileError(fmt::format("cannot remove '{}': {}", run.note().string(), error.message()));
}

int64_t bytes_in(const fs::path& folder) {
  int64_t bytes = 0;
  std::error_code error;
  constexpr auto kSkip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(folder, kSkip, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unread;
    if (!entry->is_symlink(unread) && entry->is_regular_file(unread))
      if (const uintmax_t size = entry->file_size(unread); !unread) bytes += int64_t(size);
  }
  return bytes;
}

RunFolder rename_run(const RunFolder& run, const std::string& name) {
  expect_no_stage(run, "renamed");
  expect_run_name(name);
  const auto number = run_number(run.path());
  const fs::path target = run.out() / (number ? fmt::format("{}-{}", number_name(*number), name) : name);
  if (is_there(target)) throw FileError(fmt::format("'{}' is there already; choose another name", target.string()));
  const auto locks = locks_of(run);
  std::error_code error;
  fs::rename(run.path(), target, error);
  if (error) throw FileError(fmt::format("cannot rename '{}': {}", run.path().string(), error.message()));
  return RunFolder(target);
}

std::vector<fs::path> foreign_files(const RunFolder& run) {
  std::vector<fs::path> foreign;
  add_foreign(run, foreign);
  std::ranges::sort(foreign);
  return foreign;
}

bool holds_only_a_run(const fs::path& folder) {
  try {
    // Where the recipe is gone already nothing says what a stage is.
    return is_folder(folder) && std::ranges::all_of(foreign_files(RunFolder(folder)), holds_only_a_run);
  } catch (const std::exception&) { return false; }
}

void delete_run(const RunFolder& run) {
  expect_no_stage(run, "deleted");
  if (!is_there(run.manifest()) && run.stages().empty())
    throw RunError(fmt::format("'{}' is not deleted: it holds no manifest.json, so it is no run that figment made",
                               run.path().string()));
  const auto locks = locks_of(run);
  if (const std::vector<fs::path> foreign = foreign_files(run); !foreign.empty())
    throw RunError(fmt::format(
        "'{}' is not deleted, since figment did not write all that it holds: '{}'{}; move what you need elsewhere and "
        "remove the rest",
        run.path().string(), foreign.front().lexically_relative(run.path()).string(),
        foreign.size() == 1 ? "" : fmt::format(" and {} more", foreign.size() - 1)));
  remove_folder(run.path());
}

}  // namespace figment
