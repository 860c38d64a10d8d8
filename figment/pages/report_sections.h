// Parts of report.html, each a section of HTML, empty where the run has nothing to show.
#pragma once
#include <string>

#include "figment/records/run_record.h"

namespace figment {

std::string results_section(const RunRecord&);  ///< evaluation.json, else the last scores on the validation part
std::string samples_section(const RunRecord&);  ///< what is drawn, and the training images nearest to it
std::string reconstructions_section(const RunRecord&);  ///< images above what the model makes of them
std::string latent_section(const RunRecord&);           ///< interpolation and traversal
std::string exhibits_section(const RunRecord&);         ///< the model's own pictures
std::string curves_section(const RunRecord&);           ///< losses, other scalars and learning rates against images
std::string series_section(const RunRecord&);           ///< bars and histograms of evaluation.json
std::string warnings_section(const RunRecord&);         ///< of training, evaluation and of reading the folder
std::string data_section(const RunRecord&);             ///< what the data gives beside each image
std::string options_section(const RunRecord&);          ///< the resolved recipe with each option's meaning
std::string commands_section(const RunRecord&);         ///< how to repeat, continue, sample and evaluate
std::string provenance_section(const RunRecord&);       ///< the manifest

/// "28 × 28, grey; one of 10 classes", from data.json; "" where it does not say.
std::string image_words(const RunRecord&);

/// One of the histograms of evaluation.json, a line for each of its shares. What is malformed is left out.
std::string histogram_figure(std::string_view name, const Json& histogram);

}  // namespace figment
