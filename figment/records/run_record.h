// What a run folder holds, read for the report. Parts that are missing, half-written or unreadable are skipped and
// listed.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "figment/config/table.h"
#include "figment/contracts/event.h"
#include "figment/models/cards.h"

namespace figment {

struct RunRecord {
  std::filesystem::path folder = {};
  Table recipe = {};      ///< recipe.toml; empty when unreadable
  bool running = false;   ///< whether a training holds the run now
  std::string note = {};  ///< what a person wrote of it; of a stage that of the whole
  Json manifest = Json::object(), data = Json::object(), evaluation = Json::object();
  std::vector<Event> events = {};  ///< in the file's order
  /// PNG files within the folder by name of the event ("samples", "reconstructions", exhibits) and images seen.
  std::map<std::string, std::map<int64_t, std::filesystem::path>> pictures = {};
  std::map<std::string, std::string> captions = {};  ///< what the pictures of a name show, as the model says it
  std::vector<std::string> problems = {};            ///< sentences: what could not be read
};

/// Never throws for what the folder holds or lacks.
RunRecord read_record(const std::filesystem::path& run_folder);

/// The run as it is written on a command line: the folder without a trailing slash.
std::string folder_name(const RunRecord&);
/// Of the manifest, else of the recipe; "" when neither says.
std::string model_id(const RunRecord&);
/// The card of a model that this program knows, null otherwise.
const ModelCard* card_of(const RunRecord&);
/// A table of the recipe, empty where there is none.
Table part_of(const Table&, const std::string& key);
int64_t images_seen(const RunRecord&);
/// Images after which the training ends, by the recipe; nothing where it does not say.
std::optional<int64_t> planned_images(const RunRecord&);
/// The event of the end; null while there is none, or when training went on after it.
const Event* finish_of(const RunRecord&);

}  // namespace figment
