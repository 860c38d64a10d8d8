// report.html: what a newcomer opens first, made from the run folder alone.
#pragma once
#include <filesystem>

namespace figment {

/// Writes `report.html` into the run folder: one file that needs nothing else, replaced whole. Shows what the folder
/// holds (recipe.toml, manifest.json, data.json, events.jsonl, pictures, evaluation.json); what is missing or damaged
/// is left out and named. Throws FileError only where the page itself cannot be written.
void write_report(const std::filesystem::path& run_folder);

}  // namespace figment
