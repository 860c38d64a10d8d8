// report.html: what a newcomer opens first, made from the run folder alone.
#pragma once
#include <filesystem>
#include <string>

#include "figment/records/run_record.h"

namespace figment {

/// The page: one file that needs nothing else. Shows what the run folder holds (recipe.toml, manifest.json, data.json,
/// events.jsonl, pictures, evaluation.json); what is missing or damaged is left out and named.
std::string report_page(const RunRecord&);

/// Writes `report.html` into the run folder, replaced whole. `ends_now`: the training that still holds the run's lock
/// ends with this. Throws FileError only where it cannot be written.
void write_report(const std::filesystem::path& run_folder, bool ends_now = false);

}  // namespace figment
