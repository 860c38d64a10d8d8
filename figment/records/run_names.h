// Names within a folder of runs: of numbered runs, of stages, and of what depends on the images seen.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace figment {

/// A whole number and nothing else: "12".
std::optional<int64_t> whole_number(std::string_view);

/// 7 of "0007-vae", as figment writes it. Nothing of "7-vae", "0000-vae", and of more than nine digits.
std::optional<int64_t> run_number(const std::filesystem::path&);

/// "0007".
std::string number_name(int64_t number);

/// "000060000".
std::string images_name(int64_t images);
/// The number that images_name made this of; nothing for any other text.
std::optional<int64_t> images_of_name(const std::string& name);

/// Throws ConfigError unless the run of a stage may lie in a folder of this name: it is safe (base/file_name.h) and is
/// none of the names that a run gives to what it holds.
void expect_stage_name(const std::string& name);
/// Throws ConfigError unless pictures may lie in a folder of this name in the run.
void expect_picture_name(const std::string& name);
/// Throws ConfigError unless a person may give a run this name: it is safe, no number and not `last`, which find runs
/// too.
void expect_run_name(const std::string& name);

/// Whether a run's folder has a file of this name that figment wrote.
bool is_file_of_run(std::string_view name);

/// Takes a number that no run in `out` has and none gets while the returned folder `.part-<number>` stands there, which
/// is made for it. Two processes never get the same one, whatever their models. Throws FileError.
std::pair<int64_t, std::filesystem::path> claim_number(const std::filesystem::path& out);

}  // namespace figment
