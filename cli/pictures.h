// What the verbs that draw pictures share.
#pragma once
#include "cli/console.h"
#include "cli/options.h"

namespace figment::cli {

void add_png(CLI::App&, std::filesystem::path& file);

/// Writes the pictures as one sheet that says where it comes from (run, model, weights, seed where one was used,
/// version), then prints the file, or with --json one document of the same facts. `names`: what stands below each, or
/// nothing.
void show_pictures(const OpenedRun&, const std::vector<Image>&, int64_t columns, const std::filesystem::path& file,
                   std::optional<int64_t> seed, bool json, const std::vector<std::string>& names = {});

/// Throws ConfigError where one sheet cannot hold so many pictures of this run, with names below or without.
void expect_room(const OpenedRun&, int64_t count, int64_t columns, bool named = false);

/// What a picture file says of itself: the run by its name, the model, the hash of its weights and the seed.
std::map<std::string, std::string> text_of(const OpenedRun&, std::optional<int64_t> seed);

/// Rows of equal length, one after another.
std::vector<Image> joined(std::vector<std::vector<Image>> rows);

}  // namespace figment::cli
