// Parts of report.html, each a section of HTML, empty where the run has nothing to show.
#pragma once
#include <string>

#include "figment/runs/run_record.h"

namespace figment {

std::string curves_section(const RunRecord&);      ///< losses, other scalars and learning rates against images
std::string series_section(const RunRecord&);      ///< bars and histograms of evaluation.json
std::string options_section(const RunRecord&);     ///< the resolved recipe with each option's meaning
std::string commands_section(const RunRecord&);    ///< how to repeat, continue, sample and evaluate
std::string provenance_section(const RunRecord&);  ///< the manifest

/// One of the histograms of evaluation.json, a line for each of its shares. What is malformed is left out.
std::string histogram_figure(std::string_view name, const Json& histogram);

}  // namespace figment
