#include "figment/runs/moved_data.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/config/json.h"
#include "figment/data/catalog.h"
#include "figment/data/source.h"
#include "figment/records/recipe.h"
#include "figment/records/roles.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

class Move {
 public:
  explicit Move(const std::string& source) : source_(source) {}

  /// Whether the run learned from these images; if so its recipe will name them.
  bool add(const RunFolder& run) {
    Recipe recipe = read_recipe(Table::load(run.recipe()));
    std::map<std::string, bool> parents;
    for (const auto& [role, parent] : recipe.parents) try {
        parents[role] = add(RunFolder::at(run.parent(role)));
      } catch (const DataError&) { parents[role] = false; }  // the images are not of its form, so they are not its own
    const auto codes = parents.find(kCodesRole);             // the images are then those that made the codes
    if (codes == parents.end() ? !has_these(run, recipe) : !codes->second) return false;
    before_.insert(recipe.data.source);
    recipe.data.source = source_;
    files_.emplace_back(run.recipe(), to_table(recipe).toml());
    return true;
  }

  /// The same for stages that have not begun.
  void add_stages(const RunFolder& whole) {
    files_.emplace_back(whole.recipe(), map_stages(Table::load(whole.recipe()), [&](Table& table) {
                                          Recipe recipe = read_recipe(table);
                                          if (!before_.contains(recipe.data.source)) return;
                                          recipe.data.source = source_;
                                          table = to_table(recipe);
                                        }).toml());
  }

  void write() const {
    for (const auto& [file, text] : files_) write_file(file, text);
  }

 private:
  bool has_these(const RunFolder& run, const Recipe& recipe) {
    const std::string spec = run.data().string(), manifest = run.manifest().string();
    const Json stated = parse_json(read_file(spec), spec);
    auto& hash = hashes_[json_text(to_json(recipe.data)) + json_text(stated)];
    if (hash.empty()) {
      const DataSpec like = data_spec_from_json(stated, spec);
      hash = open_dataset(with_source(recipe.data, source_), Split::kTrain, &like)->hash();
    }
    return find(parse_json(read_file(manifest), manifest), {"data", "hash"}) == hash;
  }

  std::string source_;
  std::map<std::string, std::string> hashes_ = {};  // of the images, as a run with these settings opens them
  std::set<std::string> before_ = {};               // sources that the images had
  std::vector<std::pair<fs::path, std::string>> files_ = {};
};

}  // namespace

void move_data(const RunFolder& whole, const std::string& source) {
  whole.expect_own_parts();  // their recipes are written too
  const FolderLock lock(whole.path());
  Move move(from_anywhere(source));
  bool moved = false;
  const std::vector<RunFolder> stages = whole.stages();
  for (const RunFolder& run : stages.empty() ? std::vector{whole} : stages)
    if (run.begun()) moved |= move.add(run);
  if (!moved)
    throw RunError(
        fmt::format("{}: the images at '{}' are not those that the run learned from; give --data the folder that holds "
                    "them now, or start a new run",
                    whole.path().string(), source));
  if (!stages.empty()) move.add_stages(whole);
  move.write();
}

}  // namespace figment
