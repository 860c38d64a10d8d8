// What a training says of itself at its start and where it is stopped.
#pragma once
#include <string>
#include <vector>

#include "figment/contracts/model.h"
#include "figment/runs/start_run.h"

namespace figment {

/// "27 of 330 images of <where> are used, since 303 cannot be: …". Reasons are counted up to where they name a number
/// of their own.
std::string sentence_of_skipped(const std::vector<SkippedFile>&, int64_t used, const std::string& where);

/// What is trained on what: "28 × 28, grey; 54,000 images to train on, 10 classes; vae of 1,066,000 parameters; …".
std::string in_words(const ReadyRun&, const Model&);

/// That a training goes on by another number of processes than the one that it was saved by.
std::string other_processes_in_words(int before, int now);

/// How far a training came that a signal stopped, and how it goes on.
std::string stopped_in_words(const RunFolder&, int64_t images, int64_t of_images);

/// Advice where pictures in colour are trained with the settings that a model's own recipe has for grey ones, though
/// there is a recipe `colour` of other ones; empty elsewhere.
std::string advice_on_colour(const Recipe&, const DataSpec&);

}  // namespace figment
