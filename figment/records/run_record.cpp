#include "figment/records/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/records/event_file.h"
#include "figment/records/run_care.h"
#include "figment/records/run_names.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostKinds = 100;  // of pictures; a damaged log may name any number

/// Runs one part of the reading; what it throws becomes a sentence.
template <class F>
void attempt(RunRecord& record, F&& part) {
  try {
    part();
  } catch (const std::exception& error) { record.problems.emplace_back(error.what()); }
}

Json read_object(const fs::path& path) {
  Json json = parse_json(read_file(path), path.filename().string());
  if (!json.is_object()) throw DataError(fmt::format("{}: must be an object", path.filename().string()));
  return json;
}

/// Only files that really lie in the folder: an event could name any file of the machine.
bool lies_within(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error), real = fs::canonical(file, error);
  if (error || !fs::is_regular_file(real, error)) return false;
  return std::ranges::mismatch(root, real).in1 == root.end();
}

std::vector<fs::path> pngs_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".png") found.push_back(entry->path());
  std::ranges::sort(found);
  return found;
}

void collect_pictures(RunRecord& record) {
  const auto taken = [&](const std::string& name) {
    return record.pictures.contains(name) || record.pictures.size() < kMostKinds;
  };
  for (const Event& event : record.events)
    if (const fs::path path = record.folder / event.text;
        event.kind == Event::Kind::kImage && taken(event.name) && lies_within(record.folder, path)) {
      record.pictures[event.name][event.images] = path;
      record.captions[event.name] = event.caption;
    }
  for (const auto& [name, picture] : find(record.evaluation, {"pictures"}).items())
    if (const fs::path path = record.folder / spoken(find(picture, {"file"}));
        taken(name) && lies_within(record.folder, path)) {
      record.pictures[name][images_seen(record)] = path;
      record.captions[name] = spoken(find(picture, {"caption"}));
    }
  for (const char* name : {"samples", "reconstructions"})  // named by their images: they count without the log, too
    for (const fs::path& path : pngs_of(record.folder / name)) {
      const std::string stem = path.stem().string();
      int64_t images = 0;
      const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), images);
      if (error == std::errc() && end == stem.data() + stem.size() && lies_within(record.folder, path))
        record.pictures[name].emplace(images, path);
    }
}

}  // namespace

RunRecord read_record(const fs::path& run_folder) {
  RunRecord record{.folder = run_folder, .running = FolderLock::held(run_folder)};
  attempt(record, [&] { record.recipe = Table::load(run_folder / "recipe.toml"); });
  attempt(record, [&] { record.note = note_of(RunFolder(RunFolder(run_folder).whole())); });
  attempt(record, [&] { record.manifest = read_object(run_folder / "manifest.json"); });
  attempt(record, [&] { record.data = read_object(run_folder / "data.json"); });
  attempt(record, [&] { record.events = read_events(run_folder / "events.jsonl"); });
  std::error_code ignored;
  if (fs::exists(run_folder / "evaluation.json", ignored))  // there once somebody evaluated
    attempt(record, [&] { record.evaluation = read_object(run_folder / "evaluation.json"); });
  attempt(record, [&] { collect_pictures(record); });
  return record;
}

std::string model_id(const RunRecord& run) {
  const std::string id = spoken(find(run.manifest, {"model"}));
  return id.empty() ? part_of(run.recipe, "model").spoken("id") : id;
}

const ModelCard* card_of(const RunRecord& run) {
  const auto cards = model_cards();
  const auto found = std::ranges::find(cards, model_id(run), &ModelCard::id);
  return found == cards.end() ? nullptr : &*found;
}

std::string folder_name(const RunRecord& run) {
  const fs::path plain = run.folder.lexically_normal();
  return (plain.has_filename() ? plain : plain.parent_path()).string();
}

Table part_of(const Table& table, const std::string& key) {
  try {
    return table.child(key);
  } catch (const ConfigError&) { return {}; }
}

int64_t images_seen(const RunRecord& run) {
  int64_t most = 0;
  for (const Event& event : run.events) most = std::max(most, event.images);
  return most;
}

std::optional<int64_t> planned_images(const RunRecord& run) {
  return whole_number(part_of(run.recipe, "training").spoken("images"));
}

const Event* finish_of(const RunRecord& run) {
  const auto last = std::ranges::find(run.events.rbegin(), run.events.rend(), Event::Kind::kFinished, &Event::kind);
  return last == run.events.rend() || last->images < images_seen(run) ? nullptr : &*last;
}

}  // namespace figment
